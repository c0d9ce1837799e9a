/* A source: opened with a sentence for whatever is wrong with it, read as often as needed. */
#include "source/source_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, PROGRESS_STEP = 8 << 20 };

struct source {
    struct pd_arena *arena; /* of the names and of what is told */
    char *path;             /* of a file, absolute; NULL: another place */
    pd_str location, name;
    struct source_about about;
    struct table_dialect dialect;
    int fd;                     /* a file that is read where it lies, or -1 */
    struct source_spool *spool; /* everything else */
    uint64_t size;
    struct timespec modified;
    uint64_t offset;
    bool was_read; /* whole, once; then `content` is its hash */
    crypto_hash content;
};

/* ---- Files ---- */

static void user_name(uid_t id, char *out, size_t size) {
    struct passwd entry, *found = NULL;
    char text[1024];
    if (getpwuid_r(id, &entry, text, sizeof(text), &found) == 0 && found != NULL)
        snprintf(out, size, "%s", entry.pw_name);
    else
        snprintf(out, size, "user %u", (unsigned)id);
}

static enum pd_status refuse_access(const char *path, struct pd_error *err) {
    struct stat about;
    char me[64], owner[64];
    user_name(geteuid(), me, sizeof(me));
    if (stat(path, &about) != 0)
        return pd_fail(err, PD_DENIED, "%s: %s may not enter a folder on the way to it", path, me);
    user_name(about.st_uid, owner, sizeof(owner));
    return pd_fail(err, PD_DENIED,
                   "%s may not be read by %s: it belongs to %s and has mode %04o; ask %s for read "
                   "permission",
                   path, me, owner, (unsigned)(about.st_mode & 07777), owner);
}

static enum pd_status refuse_path(const char *path, struct pd_error *err) {
    switch (errno) {
    case ENOENT:
        return pd_fail(err, PD_NOT_FOUND, "there is no file %s",
                       path[0] != '\0' ? path : "with an empty name");
    case ENOTDIR:
        return pd_fail(err, PD_NOT_FOUND, "there is no file %s: a part of its path is not a folder",
                       path);
    case EACCES:
    case EPERM:
        return refuse_access(path, err);
    case ELOOP:
    case ENAMETOOLONG:
        return pd_fail_errno(err, PD_INVALID, "%s", path);
    default:
        return pd_fail_errno(err, PD_IO, "open %s", path);
    }
}

static enum pd_status refuse_kind(const char *path, mode_t mode, struct pd_error *err) {
    if (S_ISDIR(mode))
        return pd_fail(err, PD_INVALID,
                       "%s is a folder: name one file in it (polder inspect reads each of its "
                       "tables)",
                       path);
    if (S_ISFIFO(mode))
        return pd_fail(err, PD_INVALID,
                       "%s is a pipe, which can be read only once; give it as standard input: - < "
                       "%s",
                       path, path);
    return pd_fail(err, PD_INVALID, "%s is a device or a socket, not a file", path);
}

static enum pd_status look_at(struct source *s, const char *path, uint64_t limit_bytes,
                              struct pd_error *err) {
    struct stat about;
    if (fstat(s->fd, &about) != 0)
        return pd_fail_errno(err, PD_IO, "look at %s", path);
    if (!S_ISREG(about.st_mode))
        return refuse_kind(path, about.st_mode, err);
    s->size = (uint64_t)about.st_size;
    s->modified = about.st_mtim;
    if (limit_bytes != 0 && s->size > limit_bytes)
        return pd_fail(err, PD_LIMIT, "%s has %" PRIu64 " bytes; at most %" PRIu64 " are read",
                       path, s->size, limit_bytes);
    return PD_OK;
}

static enum pd_status open_file(struct source *s, const char *path, uint64_t limit_bytes,
                                struct pd_error *err) {
    s->path = realpath(path, NULL);
    if (s->path == NULL)
        return refuse_path(path, err);
    /* NONBLOCK: opening a pipe must not wait for somebody to write into it. */
    s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (s->fd < 0 && errno == ENXIO)
        return pd_fail(err, PD_INVALID, "%s is a device or a socket, not a file", path);
    if (s->fd < 0)
        return refuse_path(path, err);
    return look_at(s, path, limit_bytes, err);
}

/* Whether the file is still the one that was opened. */
static enum pd_status check_file(const struct source *s, struct pd_error *err) {
    static const char ADVICE[] = "read it again when nobody writes to it";
    struct stat about;
    if (fstat(s->fd, &about) != 0)
        return pd_fail_errno(err, PD_IO, "look at %s", s->path);
    if ((uint64_t)about.st_size != s->size)
        return pd_fail(err, PD_CONFLICT,
                       "%.*s changed while it was read (%" PRIu64 " bytes, now %" PRIu64 "); %s",
                       pd_arg(s->name), s->size, (uint64_t)about.st_size, ADVICE);
    if (about.st_mtim.tv_sec != s->modified.tv_sec || about.st_mtim.tv_nsec != s->modified.tv_nsec)
        return pd_fail(err, PD_CONFLICT,
                       "%.*s changed while it was read (same size, written to since); %s",
                       pd_arg(s->name), ADVICE);
    return PD_OK;
}

/* ---- Opening: what is inside, and who parses it ---- */

enum { HEAD = 4096, ARENA_BYTES = 8 << 20 };

struct opening {
    struct source *source;
    struct source_address address;
    struct source_intake intake;
    const char *spool_folder;
    bool as_text;
};

static enum pd_status parse(struct opening *o, enum source_form form,
                            const struct source_input *input, const struct source_sink *sink,
                            struct pd_error *err) {
    const struct source_address *a = &o->address;
    struct source_wanted wanted = {o->as_text, a->part};
    bool is_shown = form == SOURCE_PDF || form == SOURCE_PICTURE;
    if (is_shown && o->as_text) {
        enum pd_status st =
            sink->tell(sink->context, SOURCE_TELLS_FORM, pd_str_from(source_form_code(form)), err);
        if (st != PD_OK)
            return st;
        return form == SOURCE_PDF ? source_pdf_text(input, sink, err)
                                  : source_picture_text(input, sink, err);
    }
    if (form == SOURCE_SQLITE && input->fd < 0)
        return pd_fail(err, PD_UNSUPPORTED,
                       "a SQLite database can't be read from standard input: name its file");
    if (form == SOURCE_SQLITE)
        return source_reader_sqlite(o->source->path, a->part, a->is_query, false, sink, err);
    if (a->is_sqlite)
        return pd_fail(err, PD_INVALID, "it is %s, not a SQLite database", source_form_words(form));
    if (a->is_query)
        return pd_fail(err, PD_USAGE, "it is %s; only a database can be asked a query",
                       source_form_words(form));
    return source_reader_extract(input, &wanted, sink, err);
}

/* Takes what came out of the parsing as the source's stream. */
static enum pd_status take_intake(struct opening *o, struct pd_error *err) {
    struct source *s = o->source;
    struct source_intake *in = &o->intake;
    enum pd_status st = source_spool_end(in->spool, err);
    if (st != PD_OK)
        return st;
    if (in->size == 0 && !o->as_text)
        return pd_fail(err, PD_INVALID, "it holds nothing");
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    source_spool_free(s->spool); /* of standard input as it came */
    s->spool = in->spool;
    in->spool = NULL;
    s->size = in->size;
    bool is_sheet = in->form == SOURCE_XLSX || in->form == SOURCE_XLS || in->form == SOURCE_ODS;
    if (is_sheet) { /* of which nobody says where its table begins; a database's begins with its
                       names */
        s->dialect.header = TABLE_HEADER_FIND;
        s->dialect.first_line = 0;
        s->dialect.is_exact = false;
    }
    s->about = (struct source_about){.code = source_form_code(in->form),
                                     .words = source_form_words(in->form),
                                     .is_canonical = in->is_canonical,
                                     .part = in->part,
                                     .others = in->others,
                                     .other_count = in->other_count,
                                     .notes = in->notes,
                                     .note_count = in->note_count};
    return PD_OK;
}

static enum pd_status read_head(struct source *s, char *head, size_t *n, struct pd_error *err) {
    if (s->spool != NULL)
        return source_spool_read(s->spool, 0, head, n, err);
    ssize_t got = pread(s->fd, head, *n, 0);
    if (got < 0)
        return pd_fail_errno(err, PD_IO, "read %s", s->path);
    *n = (size_t)got;
    return PD_OK;
}

static enum pd_status note_mismatch(struct opening *o, enum source_form outer,
                                    struct pd_error *err) {
    struct source_sink sink = source_intake_sink(&o->intake);
    enum source_form form = outer == SOURCE_ZIP ? o->intake.form : outer;
    pd_str note = source_mismatch(o->source->name, form, o->source->arena);
    return note.len ? sink.tell(sink.context, SOURCE_TELLS_NOTE, note, err) : PD_OK;
}

/* Bytes of a file or of standard input: read as they are, or parsed first. */
static enum pd_status open_bytes(struct opening *o, struct pd_error *err) {
    struct source *s = o->source;
    struct source_sink sink = source_intake_sink(&o->intake);
    char head[HEAD];
    size_t n = sizeof(head);
    enum pd_status st = read_head(s, head, &n, err);
    if (st != PD_OK)
        return st;
    enum source_form form = source_sniff((pd_str){head, n});
    if (form == SOURCE_TEXT)
        st = source_check_promise(s->name, (pd_str){head, n}, err);
    if (st != PD_OK)
        return st;
    const struct source_address *a = &o->address;
    if (form == SOURCE_TEXT && !o->as_text && a->part.len == 0 && !a->is_sqlite) {
        st = note_mismatch(o, form, err);
        s->about.notes = o->intake.notes;
        s->about.note_count = o->intake.note_count;
        return st;
    }
    struct source_input input = {s->fd, s->spool};
    o->intake.input_size = form == SOURCE_SQLITE ? 0 : s->size;
    st = source_spool_new(o->spool_folder, &o->intake.spool, err);
    if (st == PD_OK)
        st = parse(o, form, &input, &sink, err);
    if (st == PD_OK && s->fd >= 0 && form != SOURCE_SQLITE) /* which has a snapshot of its own */
        st = check_file(s, err);
    if (st == PD_OK)
        st = note_mismatch(o, form, err);
    return st == PD_OK ? take_intake(o, err) : st;
}

static enum pd_status open_database(struct opening *o, struct pd_error *err) {
    struct source_sink sink = source_intake_sink(&o->intake);
    enum pd_status st = source_spool_new(o->spool_folder, &o->intake.spool, err);
    if (st == PD_OK)
        st = o->address.place == SOURCE_AT_POSTGRESQL
                 ? source_postgresql_read(&o->address, false, &sink, err)
                 : source_odbc_read(&o->address, false, &sink, err);
    return st == PD_OK ? take_intake(o, err) : st;
}

/* ---- Opening: names ---- */

static pd_str after_last(pd_str s, char c) {
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++)
        from = s.data[i] == c ? i + 1 : from;
    return pd_str_sub(s, from, SIZE_MAX);
}

static pd_str before(pd_str s, char c) {
    size_t at = pd_str_find_char(s, c);
    return at == PD_NPOS ? s : pd_str_sub(s, 0, at);
}

static enum pd_status set_names(struct opening *o, struct pd_error *err) {
    struct source *s = o->source;
    const struct source_address *a = &o->address;
    pd_str place = pd_str_from(a->path);
    switch (a->place) {
    case SOURCE_AT_INPUT:
        s->name = PD_STR("standard input");
        return PD_OK;
    case SOURCE_AT_FILE:
        s->name = after_last(place, '/');
        break;
    case SOURCE_AT_POSTGRESQL:
        s->name = after_last(before(place, '?'), '/');
        break;
    case SOURCE_AT_ODBC:
        s->name = before(place, ';');
        place = pd_arena_printf(s->arena, "odbc:%s", a->path);
        break;
    }
    if (s->path != NULL)
        place = pd_str_from(s->path);
    if (a->is_sqlite)
        place = pd_arena_printf(s->arena, "sqlite:%s", s->path ? s->path : a->path);
    pd_str shown = a->is_query ? PD_STR("query") : a->part;
    s->name = shown.len ? pd_arena_printf(s->arena, "%.*s#%.*s", pd_arg(s->name), pd_arg(shown))
                        : pd_arena_str(s->arena, s->name);
    s->location = a->part.len ? source_location(place, a->part, a->is_query, s->arena)
                              : pd_arena_str(s->arena, place);
    return s->name.data && s->location.data ? PD_OK : pd_fail_memory(err);
}

static enum pd_status open_place(struct opening *o, int input_fd, uint64_t limit_bytes,
                                 struct pd_error *err) {
    struct source *s = o->source;
    const struct source_address *a = &o->address;
    enum pd_status st = PD_OK;
    if (a->place == SOURCE_AT_FILE)
        st = open_file(s, a->path, limit_bytes, err);
    if (a->place == SOURCE_AT_INPUT)
        st = source_spool_fill(input_fd, o->spool_folder, limit_bytes, &s->spool, err);
    if (st == PD_OK && a->place == SOURCE_AT_INPUT)
        s->size = source_spool_size(s->spool);
    if (st == PD_OK)
        st = set_names(o, err);
    if (st != PD_OK)
        return st;
    bool is_database = a->place == SOURCE_AT_POSTGRESQL || a->place == SOURCE_AT_ODBC;
    if (!is_database && s->size == 0)
        return pd_fail(err, PD_INVALID, "%s is empty (0 bytes)",
                       a->place == SOURCE_AT_INPUT ? "standard input" : a->path);
    st = is_database ? open_database(o, err) : open_bytes(o, err);
    return st == PD_OK || st == PD_CONFLICT ? st : pd_wrap(err, "%.*s", pd_arg(s->name));
}

static enum pd_status open_any(const char *location, int input_fd, const char *spool_folder,
                               uint64_t limit_bytes, bool as_text, struct source **out,
                               struct pd_error *err) {
    struct source *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return pd_fail_memory(err);
    s->fd = -1;
    s->arena = pd_arena_new(ARENA_BYTES);
    s->about = (struct source_about){.code = source_form_code(SOURCE_TEXT),
                                     .words = source_form_words(SOURCE_TEXT)};
    s->dialect = table_dialect_written;
    struct opening o = {
        .source = s,
        .spool_folder = spool_folder,
        .as_text = as_text,
        .intake = {.arena = s->arena, .limit = limit_bytes ? limit_bytes : SOURCE_OUT_BYTES}};
    enum pd_status st =
        s->arena ? source_address_parse(location, s->arena, &o.address, err) : pd_fail_memory(err);
    if (st == PD_OK)
        st = open_place(&o, input_fd, limit_bytes, err);
    source_spool_free(o.intake.spool);
    if (st != PD_OK) {
        source_close(s);
        return st;
    }
    *out = s;
    return PD_OK;
}

enum pd_status source_open(const char *location, int input_fd, const char *spool_folder,
                           uint64_t limit_bytes, struct source **out, struct pd_error *err) {
    return open_any(location, input_fd, spool_folder, limit_bytes, false, out, err);
}

enum pd_status source_open_text(const char *location, int input_fd, const char *spool_folder,
                                uint64_t limit_bytes, struct source **out, struct pd_error *err) {
    return open_any(location, input_fd, spool_folder, limit_bytes, true, out, err);
}

/* ---- Made of another one ---- */

struct source_maker {
    struct source *made;
};

enum pd_status source_maker_new(const struct source *of, const char *spool_folder,
                                struct source_maker **out, struct pd_error *err) {
    struct source_maker *maker = calloc(1, sizeof(*maker));
    struct source *s = calloc(1, sizeof(*s));
    if (maker)
        maker->made = s;
    if (s) {
        s->fd = -1;
        s->arena = pd_arena_new(ARENA_BYTES);
    }
    enum pd_status st = maker && s && s->arena ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = source_spool_new(spool_folder, &s->spool, err);
    if (st == PD_OK) {
        s->name = pd_arena_str(s->arena, of->name);
        s->location = pd_arena_str(s->arena, of->location);
        s->dialect = table_dialect_written;
        s->about = (struct source_about){.code = of->about.code,
                                         .words = of->about.words,
                                         .is_canonical = true,
                                         .is_made = true};
    }
    if (st == PD_OK && (!s->name.data || !s->location.data))
        st = pd_fail_memory(err);
    if (st != PD_OK) {
        if (!maker)
            source_close(s);
        source_maker_free(maker);
        return st;
    }
    *out = maker;
    return PD_OK;
}

enum pd_status source_maker_write(struct source_maker *maker, const void *bytes, size_t n,
                                  struct pd_error *err) {
    maker->made->size += n;
    return source_spool_add(maker->made->spool, bytes, n, err);
}

enum pd_status source_maker_end(struct source_maker *maker, const char *how, struct source **out,
                                struct pd_error *err) {
    struct source *s = maker->made;
    enum pd_status st = source_spool_end(s->spool, err);
    if (st != PD_OK)
        return st;
    pd_str name = pd_arena_printf(s->arena, "%.*s (%s)", pd_arg(s->name), how);
    if (!name.data)
        return pd_fail_memory(err);
    s->name = name;
    maker->made = NULL;
    *out = s;
    return PD_OK;
}

void source_maker_free(struct source_maker *maker) {
    if (maker == NULL)
        return;
    source_close(maker->made);
    free(maker);
}

void source_close(struct source *source) {
    if (source == NULL)
        return;
    if (source->fd >= 0)
        close(source->fd);
    source_spool_free(source->spool);
    free(source->path);
    pd_arena_free(source->arena);
    free(source);
}

pd_str source_name(const struct source *source) {
    return source->name;
}

pd_str source_path(const struct source *source) {
    return source->location;
}

uint64_t source_size(const struct source *source) {
    return source->size;
}

const struct source_about *source_describe(const struct source *source) {
    return &source->about;
}

const struct table_dialect *source_dialect(const struct source *source) {
    return source->about.is_canonical ? &source->dialect : NULL;
}

/* ---- Reading ---- */

enum pd_status source_rewind(struct source *source, struct pd_error *err) {
    (void)err; /* a form of source that must ask again can fail here */
    source->offset = 0;
    return PD_OK;
}

/* A file is read to the size it had at open: one that grows would otherwise pass every limit. */
static enum pd_status read_file(struct source *s, void *out, size_t *n, struct pd_error *err) {
    uint64_t left = s->size - s->offset;
    size_t want = left < *n ? (size_t)left : *n;
    ssize_t got;
    do
        got = pread(s->fd, out, want, (off_t)s->offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return pd_fail_errno(err, PD_IO, "read %s at byte %" PRIu64, s->path, s->offset);
    *n = (size_t)got;
    return PD_OK;
}

enum pd_status source_read(struct source *source, void *out, size_t *n, struct pd_error *err) {
    enum pd_status st = source->spool
                            ? source_spool_read(source->spool, source->offset, out, n, err)
                            : read_file(source, out, n, err);
    if (st == PD_OK)
        source->offset += *n;
    return st;
}

static enum pd_status check_unchanged(struct source *s, const crypto_hash *content,
                                      struct pd_error *err) {
    enum pd_status st = s->fd >= 0 ? check_file(s, err) : PD_OK;
    if (st == PD_OK && s->fd >= 0 && s->offset != s->size)
        return pd_fail(err, PD_CONFLICT, "%.*s was cut off while it was read", pd_arg(s->name));
    if (st == PD_OK && s->was_read && !crypto_equal(content, &s->content, sizeof(*content)))
        return pd_fail(err, PD_CONFLICT,
                       "%.*s changed while it was read (same size, other content); read it again "
                       "when nobody writes to it",
                       pd_arg(s->name));
    return st;
}

typedef enum pd_status feed_function(void *context, const char *bytes, size_t n,
                                     struct pd_error *err);

static enum pd_status feed_all(struct source *s, feed_function *feed,
                               void (*progress)(void *context, uint64_t done, uint64_t size),
                               void *context, struct crypto_sha256_state *hash, char *piece,
                               struct pd_error *err) {
    uint64_t told = 0;
    enum pd_status st = source_rewind(s, err);
    while (st == PD_OK) {
        size_t n = PIECE;
        st = source_read(s, piece, &n, err);
        if (st != PD_OK || n == 0)
            break;
        crypto_sha256_add(hash, piece, n);
        st = feed(context, piece, n, err);
        bool is_time = s->offset - told >= PROGRESS_STEP || s->offset == s->size;
        if (st == PD_OK && progress != NULL && is_time) {
            progress(context, s->offset, s->size);
            told = s->offset;
        }
    }
    return st;
}

enum pd_status source_each(struct source *source,
                           enum pd_status (*feed)(void *context, const char *bytes, size_t n,
                                                  struct pd_error *err),
                           void (*progress)(void *context, uint64_t done, uint64_t size),
                           void *context, crypto_hash *content, struct pd_error *err) {
    char *piece = malloc(PIECE);
    struct crypto_sha256_state *hash = crypto_sha256_new();
    enum pd_status st = piece && hash ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK)
        st = feed_all(source, feed, progress, context, hash, piece, err);
    if (st == PD_OK) {
        crypto_hash found = crypto_sha256_end(hash);
        st = check_unchanged(source, &found, err);
        if (st == PD_OK) {
            source->was_read = true;
            source->content = found;
            if (content != NULL)
                *content = found;
        }
    }
    crypto_sha256_free(hash);
    free(piece);
    return st;
}
