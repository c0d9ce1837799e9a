/*
 * The XML of spreadsheets and documents, without the archive around it that would stop a fuzzer at
 * its first checksum: the input becomes a part of an archive that is stored, not deflated. And HTML
 * and e-mail, as they are.
 */
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "source/source.h"

enum { OUT_MAX = 16 << 20 };

static enum pd_status take(void *context, const char *bytes, size_t n, struct pd_error *err) {
    size_t *sum = context;
    (void)bytes;
    *sum += n;
    return *sum > OUT_MAX ? pd_fail(err, PD_LIMIT, "enough") : PD_OK;
}

static enum pd_status tell(void *context, enum source_tale tale, pd_str text,
                           struct pd_error *err) {
    (void)context, (void)tale, (void)err;
    if (!pd_utf8_valid(text, NULL))
        abort();
    return PD_OK;
}

static const char RELATIONS[] =
    "<Relationships><Relationship Id=\"r\" Type=\"/worksheet\" Target=\"s.xml\"/></Relationships>";
static const char WORKBOOK[] = "<workbook><sheets><sheet name=\"A\" id=\"r\"/></sheets></workbook>";
static const char SHEET[] =
    "<s><sheetData><row><c s=\"1\"><v>44197.5</v></c><c t=\"s\"><v>0</v></c></row>"
    "</sheetData></s>";
static const char ODS[] = "application/vnd.oasis.opendocument.spreadsheet";
static const char ODT[] = "application/vnd.oasis.opendocument.text";

/* Which entry the input is, and what stands around it. */
static const struct frame {
    const char *fuzzed;
    const char *names[3], *contents[3];
} FRAMES[] = {
    {"xl/s.xml", {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}, {WORKBOOK, RELATIONS}},
    {"xl/styles.xml",
     {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/s.xml"},
     {WORKBOOK, RELATIONS, SHEET}},
    {"xl/sharedStrings.xml",
     {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/s.xml"},
     {WORKBOOK, RELATIONS, SHEET}},
    {"xl/workbook.xml", {"xl/_rels/workbook.xml.rels", "xl/s.xml"}, {RELATIONS, SHEET}},
    {"content.xml", {"mimetype"}, {ODS}},
    {"content.xml", {"mimetype"}, {ODT}},
    {"word/document.xml", {NULL}, {NULL}},
};
enum { FRAME_COUNT = sizeof(FRAMES) / sizeof(FRAMES[0]) };

static void add(zip_t *zip, const char *name, const void *bytes, size_t n) {
    zip_source_t *from = zip_source_buffer(zip, bytes, n, 0);
    zip_int64_t at = zip_file_add(zip, name, from, ZIP_FL_ENC_UTF_8);
    if (at < 0 || zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) != 0)
        abort();
}

static pd_str make_archive(const struct frame *frame, const uint8_t *data, size_t size) {
    zip_error_t why;
    zip_source_t *buffer = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = zip_open_from_source(buffer, ZIP_CREATE | ZIP_TRUNCATE, &why);
    zip_source_keep(buffer);
    for (size_t i = 0; i < 3 && frame->names[i] != NULL; i++)
        add(zip, frame->names[i], frame->contents[i], strlen(frame->contents[i]));
    add(zip, frame->fuzzed, data, size);
    zip_stat_t about;
    if (zip_close(zip) != 0 || zip_source_stat(buffer, &about) != 0 || zip_source_open(buffer) != 0)
        abort();
    char *bytes = malloc(about.size + 1);
    if (bytes == NULL || zip_source_read(buffer, bytes, about.size) != (zip_int64_t)about.size)
        abort();
    zip_source_close(buffer);
    zip_source_free(buffer);
    return (pd_str){bytes, about.size};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the frame: below FRAME_COUNT an archive, above it the bytes as they are.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    size_t frame = data[0] % (FRAME_COUNT + 1), sum = 0;
    pd_str bytes = {(const char *)data + 1, size - 1};
    if (frame < FRAME_COUNT)
        bytes = make_archive(&FRAMES[frame], data + 1, size - 1);
    for (int as_text = 0; as_text < 2; as_text++) {
        struct source_wanted wanted = {.as_text = as_text != 0};
        struct source_sink sink = {&sum, take, tell};
        struct pd_error err = {0};
        if (source_extract(bytes, &wanted, &sink, &err) != PD_OK && err.text[0] == '\0')
            abort();
    }
    if (frame < FRAME_COUNT)
        free((char *)(uintptr_t)bytes.data);
    return 0;
}
