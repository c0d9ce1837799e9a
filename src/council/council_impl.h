/** What the files of council/ share: reading closed JSON. Never leaves the folder. */
#ifndef POLDER_COUNCIL_IMPL_H
#define POLDER_COUNCIL_IMPL_H

#include "council/council.h"

#include <jansson.h>

enum { COUNCIL_PLACE_MAX = 128, COUNCIL_SHARE_MAX = 1000 };

/** A place in the document that is being read, as "chambers[0].quorum". */
struct council_reading {
    struct pd_arena *arena;
    struct pd_error *err;
};

/** PD_INVALID: "PLACE: SENTENCE". */
PD_PRINTF(3, 4)
enum pd_status council_refuse(const struct council_reading *r, const char *place,
                              const char *format, ...);
/** An object with exactly these members (those that begin with '?' may be absent); ends in NULL. */
PD_CHECK enum pd_status council_check_members(const struct council_reading *r, const char *place,
                                              const json_t *object, const char *const *names);
/** [a-z0-9_-]{1,64}, into the arena. */
PD_CHECK enum pd_status council_read_id(const struct council_reading *r, const char *place,
                                        const json_t *value, pd_str *out);
PD_CHECK enum pd_status council_read_text(const struct council_reading *r, const char *place,
                                          const json_t *value, size_t max, pd_str *out);
PD_CHECK enum pd_status council_read_count(const struct council_reading *r, const char *place,
                                           const json_t *value, uint32_t least, uint32_t most,
                                           uint32_t *out);
PD_CHECK enum pd_status council_read_fraction(const struct council_reading *r, const char *place,
                                              const json_t *value, uint32_t max,
                                              struct council_fraction *out);
PD_CHECK enum pd_status council_read_hash(const struct council_reading *r, const char *place,
                                          const json_t *value, crypto_hash *out);
/** One of the names (ends in NULL); its place. */
PD_CHECK enum pd_status council_read_word(const struct council_reading *r, const char *place,
                                          const json_t *value, const char *const *names, int *out);

/* Pieces that a charter and a frozen vote have alike. */
PD_CHECK enum pd_status council_read_quorum(const struct council_reading *r, const char *place,
                                            const json_t *value, struct council_quorum *out);
PD_CHECK enum pd_status council_read_method(const struct council_reading *r, const char *place,
                                            const json_t *value, bool is_frozen,
                                            struct council_method *out);
/** Whether a method could let one chamber alone adopt what several are to decide, or nobody. */
PD_CHECK enum pd_status council_check_method(const struct council_reading *r, const char *place,
                                             const struct council_method *method, size_t chambers);
void council_write_method(const struct council_method *method, struct pd_json *w);
void council_write_quorum(const struct council_quorum *quorum, struct pd_json *w);

extern const char *const council_secrecy_names[];

#endif
