/*
 * The scanner: cuts the stream at fixed offsets into blocks, each searched with what lies around
 * it, so that the pieces in which the text came leave no trace.
 */
#include "detect/scan_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 64 * 1024, /* candidates that start in it are decided together */
    AHEAD = 20 * 1024, /* of the text behind it: the longest finding, and what overlaps with that */
    OVERLAP = 9 * 1024, /* how far behind it candidates are looked for, to decide overlaps */
    BACK = 1024         /* of the text before it: words of context, the rest of a word */
};

struct detect_scanner {
    struct detect_scan_options options;
    struct detect_scan_handler handler;
    struct scan_window window; /* owns the list of candidates */
    struct scan_ends ends;
    uint64_t digits[(BACK + BLOCK + AHEAD) / 64 + 1];
    char *buffer;
    uint8_t *taken;        /* a byte for each of the buffer's: part of a finding that stands */
    size_t len;            /* bytes in it */
    uint64_t base;         /* offset of its first byte */
    uint64_t block;        /* offset of the next block */
    uint64_t told;         /* up to here text and findings have been handed over */
    uint64_t line, column; /* of `told` */
    bool after_return;     /* the byte before `told` is a CR */
};

const char *detect_confidence_name(enum detect_confidence confidence) {
    static const char *const names[] = {
        [DETECT_LOW] = "low", [DETECT_MEDIUM] = "medium", [DETECT_HIGH] = "high"};
    return names[confidence];
}

enum pd_status detect_scanner_new(const struct detect_scan_options *options,
                                  const struct detect_scan_handler *handler,
                                  struct detect_scanner **out, struct pd_error *err) {
    struct detect_scanner *s = calloc(1, sizeof(*s));
    if (!s)
        return pd_fail_memory(err);
    s->options = *options;
    s->handler = *handler;
    s->line = s->column = 1;
    s->ends = scan_ends_make();
    s->buffer = malloc(BACK + BLOCK + AHEAD);
    s->taken = malloc(BACK + BLOCK + AHEAD);
    if (!s->buffer || !s->taken) {
        detect_scanner_free(s);
        return pd_fail_memory(err);
    }
    *out = s;
    return PD_OK;
}

void detect_scanner_free(struct detect_scanner *s) {
    if (!s)
        return;
    free(s->window.list);
    free(s->buffer);
    free(s->taken);
    free(s);
}

/* ---- one window ---- */

/* A bit for each digit, and for each byte that may begin a full-width character: eight at once.
   Returns whether there are any of the latter. */
static bool mark_digits(const char *text, size_t n, uint64_t *out) {
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t wide = 0;
    memset(out, 0, (n / 64 + 1) * sizeof(*out));
    for (size_t i = 0; i < n; i += 8) {
        uint64_t v = 0;
        if (n - i >= 8)
            memcpy(&v, text + i, 8);
        else
            memcpy(&v, text + i, n - i);
        uint64_t low = v & ~highs;
        /* The high bit of each byte: at least '0', and not above '9', in ASCII. */
        uint64_t digit = (low + ones * (0x80 - '0')) & ~(low + ones * (0x7f - '9')) & ~v & highs;
        uint64_t other = v ^ ones * 0xef; /* zero where it is EF */
        uint64_t full = ~(((other & ~highs) + ~highs) | other) & highs;
        wide |= full;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        digit = __builtin_bswap64(digit);
        full = __builtin_bswap64(full);
#endif
        /* The eight bits move together into the highest byte. */
        uint64_t bits = ((digit | full) >> 7) * UINT64_C(0x0102040810204080) >> 56;
        out[i / 64] |= bits << i % 64;
    }
    return wide != 0;
}

/* ASCII that begins nothing, inside of words or out of them. */
static bool is_dull(char c) {
    return (unsigned char)c < 0x80 && c != '+' && c != '(' && c != '-' && c != '@' &&
           !detect_is_letter(c) && !detect_is_digit(c);
}

static bool is_inner(char c) {
    return detect_is_letter(c) || detect_is_digit(c) || c == '_';
}

/* The next place behind the character at `at` where something may begin: a word only at its start.
 */
static size_t step_on(pd_str text, size_t at, size_t last) {
    bool is_word = is_inner(text.data[at]);
    at += scan_char_at(text, at).len;
    while (is_word && at < last && is_inner(text.data[at]))
        at++;
    while (at < last && is_dull(text.data[at]))
        at++;
    return at;
}

/* A word and what stands behind it tell which finders it can concern at all. */
static void look_at_word(struct scan_window *w, size_t at) {
    size_t end = at;
    bool has_digit = false;
    while (end < w->text.len && is_inner(w->text.data[end])) {
        has_digit = has_digit || detect_is_digit(w->text.data[end]);
        end++;
    }
    size_t len = end - at;
    char next = end < w->text.len ? w->text.data[end] : '\0';
    bool is_open = len == 0 || (unsigned char)next >= 0x80; /* full-width characters may belong */
    bool is_joined = next == ' ' || next == '-' || next == '.' || next == '/';
    if (is_open || has_digit || (len <= 4 && is_joined))
        scan_codes(w, at);
    if (is_open || next == '.' || next == '-' || next == '+' || next == ':')
        scan_links(w, at);
    if (is_open || len >= 16 || (len >= 8 && has_digit) || scan_goes_on_as_token(next))
        scan_secrets(w, at);
    scan_western(w, at);
}

static bool begins_point(char c) {
    return c == 'g' || c == 'P' || c == 'p' || c == 'N' || c == 'S';
}

static void look_at(struct scan_window *w, size_t at) {
    struct scan_char c = scan_char_at(w->text, at);
    bool is_letter = detect_is_letter(c.ascii), is_digit = detect_is_digit(c.ascii);
    bool begins = (is_letter || is_digit) && !scan_is_word_before(w, at);
    if (begins)
        look_at_word(w, at);
    if ((begins && is_digit) || c.ascii == '+' || c.ascii == '(')
        scan_phones(w, at);
    if (begins && is_digit && (w->types & DETECT_BIT(DETECT_DATE_OF_BIRTH)))
        scan_births(w, at);
    if ((w->types & DETECT_BIT(DETECT_COORDINATES)) &&
        ((begins && (is_digit || begins_point(c.ascii))) || c.ascii == '-'))
        scan_points(w, at);
    if (c.ascii == '-')
        scan_secrets(w, at);
    if (c.ascii == '@')
        scan_email(w, at);
    if (c.ascii == 0)
        scan_chinese(w, at);
}

static bool beats(const struct scan_candidate *a, const struct scan_candidate *b) {
    if (a->confidence != b->confidence)
        return a->confidence > b->confidence;
    if (a->end - a->start != b->end - b->start)
        return a->end - a->start > b->end - b->start;
    if (a->is_weak != b->is_weak)
        return !a->is_weak;
    if (a->info->has_check_digit != b->info->has_check_digit)
        return a->info->has_check_digit;
    if (a->info->chance < b->info->chance || a->info->chance > b->info->chance)
        return a->info->chance < b->info->chance;
    return a->type < b->type;
}

static int compare_places(const void *left, const void *right) {
    const struct scan_candidate *a = left, *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return beats(a, b) ? -1 : beats(b, a) ? 1 : 0;
}

static int compare_ranks(const void *left, const void *right) {
    const struct scan_candidate *a = left, *b = right;
    if (beats(a, b))
        return -1;
    if (beats(b, a))
        return 1;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* Of candidates that hang together by overlaps, those that stand come to the front, in the order of
   their places; returns how many. */
static size_t settle(struct scan_candidate *list, size_t count, uint8_t *taken) {
    qsort(list, count, sizeof(*list), compare_ranks);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = list[i].end - list[i].start;
        if (memchr(taken + list[i].start, 1, len))
            continue;
        memset(taken + list[i].start, 1, len);
        list[kept++] = list[i];
    }
    qsort(list, kept, sizeof(*list), compare_places);
    return kept;
}

/* ---- handing over ---- */

static const char *find_or_end(const char *at, const char *end, char c) {
    const char *found = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;
    return found ? found : end;
}

static uint64_t count_characters(const char *at, const char *end) {
    uint64_t n = 0;
    for (; at < end; at++)
        n += ((unsigned char)*at & 0xc0) != 0x80;
    return n;
}

static void advance(struct detect_scanner *s, pd_str text) {
    const char *at = text.data, *end = text.data + text.len;
    const char *lf = find_or_end(at, end, '\n'), *cr = find_or_end(at, end, '\r');
    while (at < end) {
        const char *stop = lf < cr ? lf : cr;
        if (stop > at)
            s->after_return = false;
        s->column += count_characters(at, stop);
        at = stop;
        if (stop == end)
            break;
        bool is_second = *stop == '\n' && s->after_return; /* CR LF: counted at the CR */
        s->after_return = *stop == '\r';
        if (!is_second) {
            s->line++;
            s->column = 1;
        }
        at++;
        lf = lf < at ? find_or_end(at, end, '\n') : lf;
        cr = cr < at ? find_or_end(at, end, '\r') : cr;
    }
    s->told += text.len;
}

static pd_str view(const struct detect_scanner *s, uint64_t from, uint64_t to) {
    return (pd_str){s->buffer + (from - s->base), (size_t)(to - from)};
}

static enum pd_status tell_text(struct detect_scanner *s, uint64_t to, struct pd_error *err) {
    if (to <= s->told)
        return PD_OK;
    pd_str text = view(s, s->told, to);
    enum pd_status st = PD_OK;
    if (s->handler.text)
        st = s->handler.text(s->handler.context, text, err);
    advance(s, text);
    return st;
}

static enum pd_status tell_finding(struct detect_scanner *s, const struct scan_candidate *c,
                                   struct pd_error *err) {
    uint64_t start = s->base + c->start, end = s->base + c->end;
    enum pd_status st = tell_text(s, start, err);
    if (st != PD_OK)
        return st;
    struct detect_finding finding = {.type = c->type,
                                     .info = c->info,
                                     .offset = start,
                                     .line = s->line,
                                     .column = s->column,
                                     .text = view(s, start, end),
                                     .is_weak = c->is_weak,
                                     .confidence = c->confidence,
                                     .proof = c->proof,
                                     .word = c->word};
    st = s->handler.finding(s->handler.context, &finding, err);
    advance(s, finding.text);
    return st;
}

/* Decides the candidates of the window, cluster by cluster, and hands over what ends before the
   block's end; a cluster that begins before it and reaches further is handed over whole. */
static enum pd_status tell_window(struct detect_scanner *s, uint64_t block_end,
                                  struct pd_error *err) {
    struct scan_candidate *list = s->window.list;
    size_t count = s->window.count;
    enum pd_status st = PD_OK;
    if (count > 0) {
        qsort(list, count, sizeof(*list), compare_places);
        memset(s->taken, 0, s->len);
    }
    for (size_t i = 0; i < count && st == PD_OK;) {
        size_t end = list[i].end, next = i + 1;
        while (next < count && list[next].start < end) {
            if (list[next].end > end)
                end = list[next].end;
            next++;
        }
        if (s->base + list[i].start >= block_end)
            break;
        size_t kept = settle(list + i, next - i, s->taken);
        for (size_t k = i; k < i + kept && st == PD_OK; k++)
            st = tell_finding(s, &list[k], err);
        i = next;
    }
    return st == PD_OK ? tell_text(s, block_end, err) : st;
}

/* is_last: nothing comes behind what the buffer holds. */
static enum pd_status search_block(struct detect_scanner *s, bool is_last, struct pd_error *err) {
    struct scan_window *w = &s->window;
    uint64_t end = s->base + s->len;
    uint64_t block_end = s->block + BLOCK < end ? s->block + BLOCK : end;
    uint64_t from = s->told > s->block ? s->told : s->block;
    for (int n = 0;
         n < 3 && from < block_end && ((unsigned char)s->buffer[from - s->base] & 0xc0) == 0x80;
         n++)
        from++; /* the rest of a character that the block before had */
    uint64_t to = block_end + OVERLAP < end ? block_end + OVERLAP : end;
    *w = (struct scan_window){
        .text = {s->buffer, s->len},
        .from = (size_t)(from - s->base),
        .to = (size_t)(to - s->base),
        .is_first = s->base == 0,
        .is_last = is_last,
        .options = &s->options,
        .types = (s->options.types | s->options.site_types) != 0 ? s->options.types : DETECT_ALL,
        .digits = s->digits,
        .widest = mark_digits(s->buffer, s->len, s->digits) ? 3 : 1,
        .ends = &s->ends,
        .list = w->list,
        .capacity = w->capacity};
    /* An address is found at its @, which may lie behind the last place where one may begin. */
    size_t last = w->to + 320 < w->text.len ? w->to + 320 : w->text.len;
    for (size_t at = w->from; at < last && !w->failed; at = step_on(w->text, at, last)) {
        if (at < w->to || w->text.data[at] == '@')
            look_at(w, at);
    }
    if (s->options.site && !w->failed)
        scan_site(w);
    if (w->failed)
        return pd_fail_memory(err);
    enum pd_status st = tell_window(s, block_end, err);
    s->block = block_end;
    return st;
}

/* Drops what no block needs any more. */
static void move_on(struct detect_scanner *s) {
    uint64_t keep = s->block > BACK ? s->block - BACK : 0;
    if (keep <= s->base)
        return;
    size_t drop = (size_t)(keep - s->base);
    memmove(s->buffer, s->buffer + drop, s->len - drop);
    s->len -= drop;
    s->base = keep;
}

enum pd_status detect_scanner_feed(struct detect_scanner *s, const char *bytes, size_t n,
                                   struct pd_error *err) {
    while (n > 0) {
        size_t full = (size_t)(s->block - s->base) + BLOCK + AHEAD;
        size_t take = full - s->len < n ? full - s->len : n;
        memcpy(s->buffer + s->len, bytes, take);
        s->len += take;
        bytes += take;
        n -= take;
        if (s->len < full)
            break;
        enum pd_status st = search_block(s, false, err);
        if (st != PD_OK)
            return st;
        move_on(s);
    }
    return PD_OK;
}

enum pd_status detect_scanner_finish(struct detect_scanner *s, struct pd_error *err) {
    /* What is left may be more than a block; its boundary stands where it would in a longer text.
     */
    enum pd_status st = PD_OK;
    while (st == PD_OK && s->block < s->base + s->len)
        st = search_block(s, true, err);
    return st;
}
