/*
 * Where in PostgreSQL a node's tables are: DIR/database, of two lines.
 *
 *     postgresql://HOST/NAME                   as given to polder init, never with a password
 *     0196f7f2-2f8e-7c0e-9d5e-0d6f2b3c4d5e     the folder's id, which the database knows too
 */
#include "store/store_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOCATION_MAX_BYTES = 1000 };
static const char NAME[] = "database";

static bool is_location(pd_str text) {
    bool is_printable = true;
    for (size_t i = 0; i < text.len; i++)
        is_printable = is_printable && (unsigned char)text.data[i] > 0x20 && text.data[i] != 0x7f;
    return is_printable && text.len <= LOCATION_MAX_BYTES &&
           (pd_str_starts(text, PD_STR("postgresql://")) ||
            pd_str_starts(text, PD_STR("postgres://")));
}

static enum pd_status new_place(pd_str location, pd_str id, struct store_place **out,
                                struct pd_error *err) {
    struct store_place *place = calloc(1, sizeof(*place));
    if (place == NULL || (place->location = strndup(location.data, location.len)) == NULL) {
        free(place);
        return pd_fail_memory(err);
    }
    memcpy(place->id, id.data, id.len);
    *out = place;
    return PD_OK;
}

enum pd_status store_place_parse(pd_str text, const char *location, struct store_place **out,
                                 struct pd_error *err) {
    pd_str first, second;
    pd_id id;
    if (!pd_str_split(&text, '\n', &first) || !pd_str_split(&text, '\n', &second) ||
        !is_location(first) || second.len != PD_ID_TEXT_SIZE - 1 || !pd_id_parse(second, &id))
        return pd_fail(err, PD_INTERNAL,
                       "it must hold the location of the database and the folder's id, a line "
                       "each; restore it from a backup");
    return new_place(location ? pd_str_from(location) : first, second, out, err);
}

enum pd_status store_place_load(struct store *store, const char *location, struct store_place **out,
                                struct pd_error *err) {
    char room[LOCATION_MAX_BYTES + PD_ID_TEXT_SIZE + 3], id[PD_ID_TEXT_SIZE];
    size_t n = sizeof(room);
    uint64_t size;
    int fd;
    /* What is refused here may hold a password: it is not repeated. */
    if (location != NULL && !is_location(pd_str_from(location)))
        return pd_fail(err, PD_USAGE,
                       "--database must be a location such as postgresql://HOST/NAME, without "
                       "spaces and of at most %d bytes",
                       LOCATION_MAX_BYTES);
    enum pd_status st = store_plain_open(store, NAME, &fd, &size, err);
    if (st == PD_NOT_FOUND && location == NULL) {
        *out = NULL;
        return PD_OK;
    }
    if (st == PD_NOT_FOUND) {
        struct pd_clock clock = pd_clock_system();
        pd_id_write(crypto_id(pd_clock_now(&clock)), id);
        return new_place(pd_str_from(location), pd_str_from(id), out, err);
    }
    if (st != PD_OK)
        return st;
    st = store_read_at(fd, NAME, 0, room, &n, err);
    close(fd);
    if (st == PD_OK)
        st = store_place_parse((pd_str){room, n}, location, out, err);
    if (st == PD_INTERNAL)
        pd_wrap(err, "%s/%s is damaged", store->folder, NAME);
    return st;
}

enum pd_status store_place_save(struct store *store, struct pd_error *err) {
    const struct store_place *place = store->place;
    struct store_temp temp;
    enum pd_status st = store_temp_open(store, 0600, &temp, err);
    if (st != PD_OK)
        return st;
    const char *const pieces[] = {place->location, "\n", place->id, "\n"};
    for (size_t i = 0; st == PD_OK && i < sizeof(pieces) / sizeof(pieces[0]); i++)
        st = store_temp_write(&temp, pieces[i], strlen(pieces[i]), err);
    if (st == PD_OK)
        st = store_temp_place(store, &temp, store->folder_fd, NAME, err);
    store_temp_discard(store, &temp);
    return st;
}

void store_place_free(struct store_place *place) {
    if (place == NULL)
        return;
    free(place->location);
    free(place);
}

static const struct sql FIND_FOLDER = {.both = "SELECT id FROM data_folder"};

enum pd_status store_place_compare(struct store *store, struct pd_error *err) {
    struct store_rows *rows = NULL;
    bool has = false;
    enum pd_status st = store_select(store, FIND_FOLDER, NULL, 0, &rows, err);
    if (st == PD_OK)
        st = store_next(rows, &has, err);
    if (st == PD_OK && (!has || !pd_str_is(store_str(rows, 0), store->place->id)))
        st = pd_fail(err, PD_CONFLICT,
                     "%s holds the node of another data folder than %s, whose keys don't open it: "
                     "use that folder, or another database",
                     store->place->location, store->folder);
    store_rows_close(rows);
    return st;
}
