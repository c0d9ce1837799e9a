/*
 * Terms and ranks: the first line of the input is what is asked for, every other line a document, its
 * fields between '|'. Terms are UTF-8 and not empty; a rank has every document at most once, the best
 * first, and a document that is the query itself has all of it.
 */
#include <stdlib.h>

#include "match/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

enum { DOCUMENTS_MAX = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pd_str rest = {(const char *)data, size}, query = PD_STR(""), line;
    struct match_document documents[DOCUMENTS_MAX];
    const struct match_hit *hits;
    size_t count = 0, found, terms;
    pd_str *list;
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    if (!size || !arena) {
        pd_arena_free(arena);
        return 0;
    }
    (void)pd_str_split(&rest, '\n', &query);
    while (count < DOCUMENTS_MAX - 1 && pd_str_split(&rest, '\n', &line)) {
        documents[count] = (struct match_document){{PD_STR(""), PD_STR(""), PD_STR(""), PD_STR("")}};
        for (int f = 0; f < MATCH_FIELD_COUNT; f++)
            if (!pd_str_split(&line, '|', &documents[count].fields[f]))
                break;
        count++;
    }
    documents[count++] = (struct match_document){{query, PD_STR(""), PD_STR(""), PD_STR("")}};
    check(match_terms(query, arena, &list, &terms, NULL) == PD_OK);
    for (size_t i = 0; i < terms; i++)
        check(list[i].len > 0 && pd_utf8_valid(list[i], NULL));
    check(match_rank(documents, count, count, query, DOCUMENTS_MAX, arena, &hits, &found, NULL) ==
          PD_OK);
    check((found > 0) == (terms > 0));
    bool seen[DOCUMENTS_MAX] = {false};
    for (size_t i = 0; i < found; i++) {
        check(hits[i].document < count && !seen[hits[i].document] && hits[i].score > 0);
        check(i == 0 || hits[i - 1].score >= hits[i].score);
        check(hits[i].covered_permille <= 1000);
        check(hits[i].document != count - 1 || hits[i].covered_permille == 1000);
        seen[hits[i].document] = true;
    }
    pd_arena_free(arena);
    return 0;
}
