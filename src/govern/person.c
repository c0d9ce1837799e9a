/*
 * The index of persons, built while a file is staged and read when somebody asks for a person. An
 * entry is 16 bytes of an HMAC of the identifier and the row as 8 bytes, big-endian; entries stand
 * in the order of the rows. Looking for a person reads the whole file once: that happens seldom,
 * and so neither building nor looking needs more memory than a buffer.
 */
#include "govern/person.h"

#include <string.h>

/* ---- Identifiers ---- */

/* Full-width letters, digits and signs as people type them in Chinese texts. */
static uint32_t narrow(uint32_t c) {
    return c >= 0xff01 && c <= 0xff5e ? c - 0xff01 + '!' : c == 0x3000 ? ' ' : c;
}

static bool is_kept(uint32_t c, bool is_mail) {
    if (c > 0x7f)
        return c > 0xa0 && c != 0x2010 && c != 0x2011 && c != 0x2013 && c != 0x2014;
    bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_word || (is_mail && c > ' ' && c < 0x7f);
}

static char fold(char c, bool is_mail) {
    if (is_mail)
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* +86 138 ... and 0086 138 ... are 138 ...: a mobile number of eleven digits that begins with 1. */
static void drop_country(char *text, size_t *len) {
    static const char *const prefixes[] = {"0086", "86"};
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(prefixes[i]);
        if (*len != n + 11 || memcmp(text, prefixes[i], n) != 0 || text[n] != '1')
            continue;
        for (size_t d = 0; d < *len; d++)
            if (text[d] < '0' || text[d] > '9')
                return;
        *len -= n;
        memmove(text, text + n, *len);
        return;
    }
}

bool person_normal(pd_str text, char out[PERSON_IDENTIFIER_MAX], size_t *len) {
    bool is_mail = pd_str_find_char(text, '@') != PD_NPOS;
    size_t n = 0;
    uint32_t c;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        at += pd_utf8_decode(text, at, &c);
        uint32_t plain = narrow(c);
        if (!is_kept(plain, is_mail))
            continue;
        size_t size = plain < 0x80 ? 1 : at - from;
        if (n + size > PERSON_IDENTIFIER_MAX)
            return false;
        if (plain < 0x80)
            out[n] = fold((char)plain, is_mail);
        else
            memcpy(out + n, text.data + from, size);
        n += size;
    }
    drop_country(out, &n);
    *len = n;
    return n > 0;
}

bool person_is_indexed(const struct inspect_column *column) {
    static const char *const categories[] = {"identity", "contact", "device",   "vehicle",
                                             "network",  "finance", "pseudonym"};
    if (column->role != INSPECT_DIRECT)
        return false;
    for (size_t i = 0; i < sizeof(categories) / sizeof(*categories); i++)
        if (strcmp(column->category, categories[i]) == 0)
            return true;
    return false;
}

enum pd_status person_columns(const struct govern_reading *reading, struct pd_arena *arena,
                              size_t **columns, size_t *count, struct pd_error *err) {
    const struct inspection *inspection = reading->inspection;
    size_t *list = pd_arena_array(arena, inspection->column_count + 1, sizeof(*list)), n = 0;
    if (!list)
        return pd_fail_memory(err);
    for (size_t i = 0; i < inspection->column_count; i++)
        if (person_is_indexed(&inspection->columns[i]))
            list[n++] = i;
    *columns = list;
    *count = n;
    return PD_OK;
}

/* ---- Hashes ---- */

void person_hash(const struct store_key *hash_key, pd_str normal, uint8_t out[PERSON_HASH_SIZE]) {
    crypto_hash hash =
        crypto_hmac(hash_key->bytes, sizeof(hash_key->bytes), normal.data, normal.len);
    memcpy(out, hash.bytes, PERSON_HASH_SIZE);
}

/* ---- Building ---- */

static const char MAGIC[] = "POLDERP1"; /* and an end, so that the header is as long as an entry */
enum { HEADER_SIZE = PERSON_ENTRY_SIZE };

enum pd_status person_index_begin(struct person_index *index, struct govern *g,
                                  const struct store_key *key, const struct store_key *hash_key,
                                  const size_t *columns, size_t column_count,
                                  struct pd_error *err) {
    uint8_t header[HEADER_SIZE] = {0};
    memcpy(header, MAGIC, sizeof(MAGIC));
    index->g = g;
    index->columns = columns;
    index->column_count = column_count;
    enum pd_status st = PD_OK;
    if (hash_key)
        index->hash_key = *hash_key;
    else
        st = store_key_new(g->store, "persons", pd_clock_now(&g->clock), &index->hash_key, err);
    if (st == PD_OK)
        st = store_vault_create(g->store, key, &index->writer, err);
    return st == PD_OK ? store_vault_write(index->writer, header, sizeof(header), err) : st;
}

static enum pd_status flush(struct person_index *index, struct pd_error *err) {
    size_t n = index->filled;
    index->filled = 0;
    return store_vault_write(index->writer, index->buffer, n, err);
}

enum pd_status person_index_add(struct person_index *index, const uint8_t hash[PERSON_HASH_SIZE],
                                uint64_t place, struct pd_error *err) {
    enum pd_status st = index->filled == sizeof(index->buffer) ? flush(index, err) : PD_OK;
    uint8_t *entry = index->buffer + index->filled;
    memcpy(entry, hash, PERSON_HASH_SIZE);
    for (int i = 0; i < 8; i++)
        entry[PERSON_HASH_SIZE + i] = (uint8_t)(place >> (56 - 8 * i));
    index->filled += PERSON_ENTRY_SIZE;
    index->entries++;
    return st;
}

enum pd_status person_index_row(struct person_index *index, const struct table_batch *batch,
                                size_t row, uint64_t place, struct pd_error *err) {
    char normal[PERSON_IDENTIFIER_MAX];
    uint8_t hash[PERSON_HASH_SIZE];
    size_t len;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < index->column_count; i++) {
        pd_str cell = table_cell_text(batch, index->columns[i], row);
        if (!person_normal(cell, normal, &len))
            continue;
        person_hash(&index->hash_key, (pd_str){normal, len}, hash);
        st = person_index_add(index, hash, place, err);
    }
    return st;
}

enum pd_status person_index_end(struct person_index *index, struct pd_error *err) {
    enum pd_status st = flush(index, err);
    return st == PD_OK ? store_vault_keep(index->writer, &index->file, err) : st;
}

void person_index_clear(struct person_index *index) {
    store_writer_free(index->writer);
    index->writer = NULL;
    crypto_wipe(index->hash_key.bytes, sizeof(index->hash_key.bytes)); /* its id is still needed */
}

static pd_str character(char c, struct pd_arena *arena) {
    if (c == TABLE_NONE)
        return PD_STR("none");
    return c == '\t' ? PD_STR("tab") : pd_arena_printf(arena, "%c", c);
}

/* How the file was read, in the words that read it the same way again. */
static struct govern_form form_of(const struct table_dialect *d, struct pd_arena *arena) {
    struct govern_form form = {.form = pd_str_from(table_form_name(d->form)),
                               .encoding = pd_str_from(table_encoding_name(d->encoding)),
                               .records = pd_str_from(d->records)};
    if (d->form != TABLE_CSV)
        return form;
    form.separator = character(d->separator, arena);
    form.quote = character(d->quote, arena);
    form.header = d->header == TABLE_HEADER_NONE
                      ? PD_STR("none")
                      : pd_arena_printf(arena, "%llu",
                                        (unsigned long long)(d->first_line ? d->first_line : 1));
    return form;
}

enum pd_status person_columns_json(const struct govern_reading *reading,
                                   const struct table_dialect *dialect, const size_t *columns,
                                   size_t count, struct pd_arena *arena, pd_str *json,
                                   struct pd_error *err) {
    struct govern_form form = form_of(dialect, arena);
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, (size_t)4 << 20);
    pd_json_init(&w, &buf, PD_JSON_CANONICAL);
    pd_json_object(&w);
    pd_json_key(&w, "columns");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++)
        pd_json_str(&w, reading->names[columns[i]]);
    pd_json_array_end(&w);
    pd_json_key(&w, "form");
    pd_json_object(&w);
    for (size_t i = 0; form_word_name(i); i++)
        if (form_word_get(&form, i).len)
            pd_json_member_str(&w, form_word_name(i), form_word_get(&form, i));
    pd_json_object_end(&w);
    pd_json_object_end(&w);
    return pd_json_finish(&w, arena, json, err);
}

static const struct sql INSERT_INDEX = {
    .both = "INSERT INTO person_index (id, version_id, key_id, hash_key_id, address, entry_count, "
            "sealed_columns) VALUES ($1, $2, $3, $4, $5, $6, $7)"};

enum pd_status person_index_save(const struct person_index *index, struct govern *g,
                                 struct act *act, pd_str id, pd_str version,
                                 const struct store_key *key, pd_str columns_json,
                                 struct pd_error *err) {
    pd_str sealed;
    enum pd_status st =
        store_seal(key, PD_STR("person_index.columns"), columns_json, act->arena, &sealed, err);
    if (st != PD_OK)
        return st;
    struct store_value values[] = {STORE_STR(id),
                                   STORE_STR(version),
                                   STORE_STR(govern_id_text(key->id, act->arena)),
                                   STORE_STR(govern_id_text(index->hash_key.id, act->arena)),
                                   STORE_STR(govern_hash_text(&index->file.address, act->arena)),
                                   STORE_I64((int64_t)index->entries),
                                   STORE_BYTES(sealed)};
    st = store_run(g->store, INSERT_INDEX, values, 7, NULL, err);
    return st == PD_OK ? act_wrote(g, act, "person_index", id, err) : st;
}

/* ---- Reading ---- */

enum { READ_SIZE = PERSON_ENTRY_SIZE * 2048 };

/* Fills the buffer from the file; less only at its end. */
static enum pd_status fill(struct store_reader *reader, uint8_t *buffer, size_t *n,
                           struct pd_error *err) {
    size_t filled = 0;
    while (filled < READ_SIZE) {
        size_t got = READ_SIZE - filled;
        enum pd_status st = store_vault_read(reader, buffer + filled, &got, err);
        if (st != PD_OK)
            return st;
        if (got == 0)
            break;
        filled += got;
    }
    *n = filled;
    return PD_OK;
}

static enum pd_status visit_entries(struct store_reader *reader,
                                    enum pd_status (*visit)(void *context, const uint8_t *hash,
                                                            uint64_t place, struct pd_error *err),
                                    void *context, struct pd_error *err) {
    uint8_t buffer[READ_SIZE];
    bool is_first = true;
    size_t n = READ_SIZE;
    while (n == READ_SIZE) {
        enum pd_status st = fill(reader, buffer, &n, err);
        if (st != PD_OK)
            return st;
        if (n % PERSON_ENTRY_SIZE != 0 || (is_first && n < HEADER_SIZE) ||
            (is_first && memcmp(buffer, MAGIC, sizeof(MAGIC)) != 0))
            return pd_fail(err, PD_INTERNAL, "the file is no index of persons");
        for (size_t at = is_first ? HEADER_SIZE : 0; at < n; at += PERSON_ENTRY_SIZE) {
            uint64_t place = 0;
            for (size_t i = 0; i < 8; i++)
                place = place << 8 | buffer[at + PERSON_HASH_SIZE + i];
            st = visit(context, buffer + at, place, err);
            if (st != PD_OK)
                return st;
        }
        is_first = false;
    }
    return PD_OK;
}

enum pd_status person_index_each(struct govern *g, const struct store_key *key, crypto_hash address,
                                 enum pd_status (*visit)(void *context, const uint8_t *hash,
                                                         uint64_t place, struct pd_error *err),
                                 void *context, struct pd_error *err) {
    struct store_reader *reader = NULL;
    enum pd_status st = store_vault_open(g->store, key, address, &reader, err);
    if (st == PD_OK)
        st = visit_entries(reader, visit, context, err);
    store_reader_free(reader);
    return st;
}
