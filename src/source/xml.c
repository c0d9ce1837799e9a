/* XML by expat, with bounds: no document type, no entities, bounded depth and token length. */
#include "source/source_impl.h"
#include <expat.h>
#include <string.h>

enum { DEPTH_MAX = 256, TOKEN_MAX = 16 << 20 };

struct parse {
    const struct source_xml *handler;
    XML_Parser parser;
    enum pd_status status;
    struct pd_error *err;
    pd_str name; /* of the entry */
    unsigned depth;
    uint64_t fed;
};

static const char *local(const char *name) {
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *source_xml_get(const char *const *attributes, const char *name) {
    for (size_t i = 0; attributes[i] != NULL; i += 2)
        if (strcmp(local(attributes[i]), name) == 0)
            return attributes[i + 1];
    return NULL;
}

static void settle(struct parse *p, enum pd_status st) {
    if (st != PD_OK && p->status == PD_OK) {
        p->status = st;
        XML_StopParser(p->parser, XML_FALSE);
    }
}

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes) {
    struct parse *p = context;
    if (p->status != PD_OK)
        return;
    if (++p->depth > DEPTH_MAX)
        settle(p, pd_fail(p->err, PD_LIMIT, "its elements are nested deeper than %d", DEPTH_MAX));
    else if (p->handler->start != NULL)
        settle(p, p->handler->start(p->handler->context, local(name),
                                    (const char *const *)attributes, p->err));
}

static void XMLCALL on_end(void *context, const XML_Char *name) {
    struct parse *p = context;
    if (p->status != PD_OK)
        return;
    p->depth--;
    if (p->handler->end != NULL)
        settle(p, p->handler->end(p->handler->context, local(name), p->err));
}

static void XMLCALL on_text(void *context, const XML_Char *text, int n) {
    struct parse *p = context;
    if (p->status == PD_OK && p->handler->text != NULL)
        settle(p, p->handler->text(p->handler->context, text, (size_t)n, p->err));
}

/* Documents of these forms have no document type; one that has is up to something. */
static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_subset) {
    struct parse *p = context;
    (void)name, (void)system, (void)public;
    if (has_subset)
        settle(p, pd_fail(
                      p->err, PD_INVALID,
                      "it declares entities, which documents of its form never do: it is hostile"));
}

static enum pd_status feed(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct parse *p = context;
    p->fed += n;
    enum XML_Status ok = XML_Parse(p->parser, bytes, (int)n, XML_FALSE);
    if (p->status != PD_OK)
        return p->status;
    if (ok != XML_STATUS_OK)
        return pd_fail(
            err, XML_GetErrorCode(p->parser) == XML_ERROR_NO_MEMORY ? PD_LIMIT : PD_INVALID,
            "%.*s in it, line %lu, column %lu: %s", pd_arg(p->name),
            XML_GetCurrentLineNumber(p->parser), XML_GetCurrentColumnNumber(p->parser) + 1,
            XML_ErrorString(XML_GetErrorCode(p->parser)));
    XML_Index at = XML_GetCurrentByteIndex(p->parser);
    if (at >= 0 && p->fed > (uint64_t)at + TOKEN_MAX)
        return pd_fail(err, PD_LIMIT, "one of its tags is longer than %d MiB", TOKEN_MAX >> 20);
    return PD_OK;
}

enum pd_status source_xml_entry(struct source_archive *archive, size_t index,
                                const struct source_xml *handler, struct pd_error *err) {
    struct parse p = {.handler = handler,
                      .err = err,
                      .parser = XML_ParserCreate(NULL),
                      .name = source_archive_name(archive, index)};
    if (p.parser == NULL)
        return pd_fail_memory(err);
    XML_SetUserData(p.parser, &p);
    XML_SetElementHandler(p.parser, on_start, on_end);
    XML_SetCharacterDataHandler(p.parser, on_text);
    XML_SetStartDoctypeDeclHandler(p.parser, on_doctype);
    enum pd_status st = source_archive_each(archive, index, feed, &p, err);
    if (st == PD_OK && XML_Parse(p.parser, "", 0, XML_TRUE) != XML_STATUS_OK)
        st = p.status != PD_OK ? p.status
                               : pd_fail(err, PD_INVALID, "%.*s in it, line %lu: %s",
                                         pd_arg(p.name), XML_GetCurrentLineNumber(p.parser),
                                         XML_ErrorString(XML_GetErrorCode(p.parser)));
    XML_ParserFree(p.parser);
    return st;
}
