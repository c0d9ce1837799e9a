/*
 * Documents that other programs read, each of them in the sandbox: PDF by pdftotext, and pages that
 * are pictures by tesseract. What tesseract makes of a page is a guess (docs/reference/forms.md
 * says how good one).
 */
#include "source/source_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PICTURE_MIB = 256, PICTURED_PAGES_MAX = 200, DOTS_PER_INCH = 300 };

static enum pd_status add_bytes(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct pd_buf *buf = context;
    pd_buf_add(buf, bytes, n);
    return buf->failed
               ? pd_fail(err, PD_LIMIT, "more than %zu MiB come out of it", buf->limit >> 20)
               : PD_OK;
}

/* The first line of what a program complained about. */
static pd_str first_line(const struct pd_buf *complaints) {
    pd_str text = pd_str_trim(pd_buf_view(complaints));
    size_t end = pd_str_find_char(text, '\n');
    return pd_str_sub(text, 0, end == PD_NPOS ? text.len : end);
}

/* ---- Recognising characters ---- */

/* The languages that are installed of those that we ask for: "chi_sim+eng". */
static enum pd_status find_languages(char *out, size_t size, struct pd_error *err) {
    static const char *const asked[] = {"chi_sim", "eng"};
    static const char *const args[] = {"--list-langs", NULL};
    struct source_tool tool = {.program = "tesseract", .args = args};
    struct pd_buf list;
    pd_buf_init(&list, 1 << 16);
    pd_buf_init(&tool.complaints, 4096);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct source_input input = {nothing, NULL};
    enum pd_status st = source_reader_tool(&tool, &input, add_bytes, &list, err);
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; st == PD_OK && i < 2; i++) {
        pd_str rest = pd_buf_view(&list), line;
        while (pd_str_split(&rest, '\n', &line))
            if (pd_str_is(pd_str_trim(line), asked[i]))
                n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "+" : "", asked[i]);
    }
    if (st == PD_OK && n == 0)
        st = pd_fail(err, PD_UNAVAILABLE,
                     "tesseract has none of the languages chi_sim and eng installed");
    close(nothing);
    pd_buf_clear(&tool.complaints);
    pd_buf_clear(&list);
    return st;
}

static enum pd_status recognise(const struct source_input *input, const char *languages,
                                struct pd_buf *out, struct pd_error *err) {
    const char *args[] = {"stdin", "stdout", "-l", languages, "--psm", "3", NULL};
    struct source_tool tool = {.program = "tesseract", .args = args};
    pd_buf_init(&tool.complaints, 4096);
    enum pd_status st = source_reader_tool(&tool, input, add_bytes, out, err);
    if (st == PD_OK && tool.exit_code != 0)
        st = pd_fail(err, PD_INVALID, "the picture can't be read: %.*s",
                     pd_arg(first_line(&tool.complaints)));
    pd_buf_clear(&tool.complaints);
    return st;
}

enum pd_status source_picture_text(const struct source_input *input, const struct source_sink *sink,
                                   struct pd_error *err) {
    char languages[64];
    struct pd_buf text;
    pd_buf_init(&text, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    enum pd_status st = find_languages(languages, sizeof(languages), err);
    if (st == PD_OK)
        st = recognise(input, languages, &text, err);
    if (st == PD_OK)
        st = source_note(
            sink, err,
            "The text was recognised in a picture by tesseract (%s): some of it will be "
            "wrong or missing.",
            languages);
    if (st == PD_OK)
        st = source_text_write(pd_buf_view(&text), sink, err);
    pd_buf_clear(&text);
    return st;
}

/* ---- PDF ---- */

static enum pd_status refuse_pdf(const struct source_tool *tool, struct pd_error *err) {
    pd_str said = pd_buf_view(&tool->complaints);
    if (pd_str_find(said, PD_STR("Incorrect password")) != PD_NPOS)
        return pd_fail(
            err, PD_UNSUPPORTED,
            "it is encrypted: remove the password (print it to a new PDF) and name that");
    if (pd_str_find(said, PD_STR("not allowed")) != PD_NPOS)
        return pd_fail(
            err, PD_UNSUPPORTED,
            "its author has forbidden to copy its text; ask for a copy that may be read");
    return pd_fail(err, PD_INVALID, "the PDF is damaged or cut off (pdftotext: %.*s)",
                   pd_arg(first_line(&tool->complaints)));
}

static enum pd_status run_pdftotext(const struct source_input *input, struct pd_buf *text,
                                    const struct source_sink *sink, struct pd_error *err) {
    static const char *const args[] = {"-enc", "UTF-8", "-eol", "unix", "-", "-", NULL};
    struct source_tool tool = {.program = "pdftotext", .args = args};
    pd_buf_init(&tool.complaints, 4096);
    enum pd_status st = source_reader_tool(&tool, input, add_bytes, text, err);
    if (st == PD_OK && tool.exit_code != 0)
        st = refuse_pdf(&tool, err);
    else if (st == PD_OK && pd_str_find(pd_buf_view(&tool.complaints), PD_STR("Error")) != PD_NPOS)
        st = source_note(sink, err, "The PDF is damaged, so some of it may be missing (%.*s).",
                         pd_arg(first_line(&tool.complaints)));
    pd_buf_clear(&tool.complaints);
    return st;
}

/* Draws one page and reads the picture. */
static enum pd_status recognise_page(const struct source_input *input, unsigned page,
                                     const char *languages, struct pd_buf *out,
                                     struct pd_error *err) {
    char number[16], dots[16];
    snprintf(number, sizeof(number), "%u", page);
    snprintf(dots, sizeof(dots), "%d", DOTS_PER_INCH);
    const char *args[] = {"-f",    number,        "-l", number, "-r", dots,
                          "-gray", "-scale-to-x", "-1", "-",    NULL};
    struct source_tool tool = {.program = "pdftoppm", .args = args};
    struct pd_buf picture;
    pd_buf_init(&picture, (size_t)PICTURE_MIB * SOURCE_MIB);
    pd_buf_init(&tool.complaints, 4096);
    enum pd_status st = source_reader_tool(&tool, input, add_bytes, &picture, err);
    if (st == PD_OK && (tool.exit_code != 0 || picture.len == 0))
        st = pd_fail(err, PD_INVALID, "page %u can't be drawn (pdftoppm: %.*s)", page,
                     pd_arg(first_line(&tool.complaints)));
    pd_buf_clear(&tool.complaints);
    int fd = st == PD_OK ? memfd_create("page", MFD_CLOEXEC) : -1;
    if (st == PD_OK && (fd < 0 || write(fd, picture.data, picture.len) != (ssize_t)picture.len))
        st = pd_fail_errno(err, PD_IO, "keep the picture of page %u", page);
    pd_buf_clear(&picture);
    struct source_input drawn = {fd, NULL};
    if (st == PD_OK)
        st = recognise(&drawn, languages, out, err);
    if (fd >= 0)
        close(fd);
    return st;
}

struct pages {
    unsigned number, recognised, skipped, failed;
    char languages[64];
    bool has_asked, can_recognise;
    struct pd_error why_not; /* nothing can be recognised, or this page can't */
};

static enum pd_status write_page(const struct source_input *input, struct pages *p, pd_str page,
                                 const struct source_sink *sink, struct pd_error *err) {
    p->number++;
    if (pd_str_trim(page).len > 0)
        return source_text_write(page, sink, err);
    if (!p->has_asked) {
        p->has_asked = true;
        p->can_recognise = find_languages(p->languages, sizeof(p->languages), &p->why_not) == PD_OK;
    }
    if (!p->can_recognise || p->recognised == PICTURED_PAGES_MAX) {
        p->skipped++;
        return source_text_write(page, sink, err);
    }
    struct pd_buf text;
    pd_buf_init(&text, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    enum pd_status st = recognise_page(input, p->number, p->languages, &text, &p->why_not);
    p->recognised += st == PD_OK;
    if (st == PD_INVALID ||
        st == PD_LIMIT) { /* one page that is too large or broken, not all of them */
        p->failed++;
        pd_buf_clear(&text);
        return PD_OK;
    }
    pd_str found = pd_buf_view(&text);
    while (found.len > 0 && found.data[found.len - 1] == '\f') /* we end the page ourselves */
        found.len--;
    st =
        st == PD_OK ? source_text_write(found, sink, err) : pd_fail(err, st, "%s", p->why_not.text);
    pd_buf_clear(&text);
    return st;
}

static enum pd_status tell_pages(const struct pages *p, const struct source_sink *sink,
                                 struct pd_error *err) {
    enum pd_status st = PD_OK;
    if (p->recognised > 0)
        st = source_note(
            sink, err,
            "%u of %u pages hold no text but pictures; theirs was recognised by tesseract "
            "(%s): some of it will be wrong or missing.",
            p->recognised, p->number, p->languages);
    if (st == PD_OK && p->failed > 0)
        st = source_note(sink, err, "%u pages without text could not be recognised (%s).",
                         p->failed, p->why_not.text);
    if (st == PD_OK && p->skipped > 0)
        st = source_note(sink, err, "%u pages without text were not looked at: %s.", p->skipped,
                         p->can_recognise ? "more than 200 of them" : p->why_not.text);
    return st;
}

enum pd_status source_pdf_text(const struct source_input *input, const struct source_sink *sink,
                               struct pd_error *err) {
    struct pd_buf text;
    struct pages p = {0};
    pd_buf_init(&text, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    enum pd_status st = run_pdftotext(input, &text, sink, err);
    pd_str rest = pd_buf_view(&text);
    while (st == PD_OK && rest.len > 0) {
        size_t end = pd_str_find_char(rest, '\f'); /* each page ends in one */
        bool has_end = end != PD_NPOS;
        st = write_page(input, &p, pd_str_sub(rest, 0, has_end ? end : rest.len), sink, err);
        if (st == PD_OK && has_end)
            st = sink->data(sink->context, "\f", 1, err);
        rest = pd_str_sub(rest, has_end ? end + 1 : rest.len, SIZE_MAX);
    }
    if (st == PD_OK)
        st = tell_pages(&p, sink, err);
    pd_buf_clear(&text);
    return st;
}
