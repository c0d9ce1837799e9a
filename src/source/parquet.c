/*
 * A Parquet file within the reader: table/ reads its columns, what comes out is canonical CSV. A
 * file is read where it lies, a piece of each column at a time; what comes through a pipe or out of
 * another form lies in memory whole.
 */
#include "source/source_impl.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Bytes of a file ---- */

static enum pd_status read_fd(void *context, uint64_t offset, void *out, size_t n,
                              struct pd_error *err) {
    const int *fd = context;
    if (lseek(*fd, (off_t)offset, SEEK_SET) < 0)
        return pd_fail_errno(err, PD_IO, "read it");
    for (size_t done = 0; done < n;) {
        ssize_t got = read(*fd, (char *)out + done, n - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return pd_fail_errno(err, PD_IO, "read it");
        if (got == 0)
            return pd_fail(err, PD_CONFLICT, "it became shorter while it was read");
        done += (size_t)got;
    }
    return PD_OK;
}

bool source_is_parquet_file(int fd, uint64_t *size) {
    char head[8];
    struct stat about;
    struct pd_error err;
    bool is_file =
        fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= (off_t)sizeof(head);
    if (!is_file || read_fd(&fd, 0, head, sizeof(head), &err) != PD_OK)
        return false;
    *size = (uint64_t)about.st_size;
    (void)lseek(fd, 0, SEEK_SET); /* what was a place to read from is one to go back to */
    return source_sniff((pd_str){head, sizeof(head)}) == SOURCE_PARQUET;
}

/* ---- Rows ---- */

static enum pd_status write_header(void *context, const pd_str *names, size_t count,
                                   struct pd_error *err) {
    return table_write_row(context, names, count, err);
}

static enum pd_status write_rows(void *context, const struct table_batch *batch,
                                 struct pd_error *err) {
    return table_write_batch(context, batch, err);
}

/* What was decided about columns of bytes, which somebody may have meant otherwise. */
static enum pd_status tell_bytes(const struct table_parquet *parquet, const bool *was_open,
                                 const struct source_sink *sink, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < table_parquet_columns(parquet); i++) {
        const struct table_parquet_column *c = table_parquet_column(parquet, i);
        if (was_open[i])
            st = source_note(sink, err,
                             "The column \"%.*s\" holds bytes, and the file does not say of what; "
                             "%s.",
                             pd_arg(c->name),
                             c->meaning == TABLE_PARQUET_TEXT
                                 ? "all of them are text, and are read as such"
                                 : "they are not text, and stand as hexadecimal digits");
    }
    return st;
}

static enum pd_status write_table(struct table_parquet *parquet, const struct source_sink *sink,
                                  struct pd_error *err) {
    size_t columns = table_parquet_columns(parquet);
    bool *was_open = calloc(columns, sizeof(*was_open));
    if (was_open == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < columns; i++) {
        const struct table_parquet_column *c = table_parquet_column(parquet, i);
        was_open[i] = c->meaning == TABLE_PARQUET_PLAIN && c->type >= TABLE_PARQUET_BYTES;
    }
    struct table_writer *writer = NULL;
    enum pd_status st = source_records_new(sink, &writer, err);
    struct table_handler handler = {writer, write_header, write_rows, NULL};
    struct table_parquet_wanted all = {0};
    if (st == PD_OK)
        st = table_parquet_read(parquet, &all, &handler, err);
    if (st == PD_OK)
        st = table_writer_finish(writer, err);
    if (st == PD_OK)
        st = tell_bytes(parquet, was_open, sink, err);
    table_writer_free(writer);
    free(was_open);
    return st;
}

static enum pd_status read_parquet(const struct table_parquet_input *input,
                                   const struct source_wanted *wanted,
                                   const struct source_sink *sink, struct pd_error *err) {
    if (wanted->part.len > 0)
        return pd_fail(err, PD_NOT_FOUND, "it is one table, without a part named \"%.*s\"",
                       pd_arg(wanted->part));
    struct table_parquet *parquet;
    enum pd_status st = table_parquet_open(input, 0, &parquet, err);
    if (st != PD_OK)
        return st;
    st = write_table(parquet, sink, err);
    table_parquet_close(parquet);
    return st;
}

/* ---- Doors ---- */

enum pd_status source_parquet(pd_str bytes, const struct source_wanted *wanted,
                              const struct source_sink *sink, struct pd_error *err) {
    struct table_parquet_input input = table_parquet_input_of(&bytes);
    return read_parquet(&input, wanted, sink, err);
}

enum pd_status source_parquet_file(int fd, uint64_t size, const struct source_wanted *wanted,
                                   const struct source_sink *sink, struct pd_error *err) {
    struct table_parquet_input input = {&fd, size, read_fd};
    enum pd_status st = sink->tell(sink->context, SOURCE_TELLS_FORM,
                                   pd_str_from(source_form_code(SOURCE_PARQUET)), err);
    return st == PD_OK ? read_parquet(&input, wanted, sink, err) : st;
}
