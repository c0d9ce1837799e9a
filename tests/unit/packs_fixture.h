/* The packs that stand in law/ (read from the project's root), and cases in words such as "share by
   state_organ to agency". */
#ifndef POLDER_TESTS_PACKS_FIXTURE_H
#define POLDER_TESTS_PACKS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "law/finding_impl.h"

enum {
    FILES_MAX = 128,
    FACTS_MAX = 64,
    PACKS_MAX = 16,
    ARENA_BYTES = 128 << 20,
    FILE_BYTES = 1 << 18
};

/* 2026-11-23T12:00:00Z */
static const pd_time NOW = (pd_time)1795435200 * 1000000;

/* ---- The packs, read once ---- */

static struct law_file files[FILES_MAX];
static size_t file_count;
static struct pd_arena *kept;                   /* the texts */
static struct law_rules *rules;                 /* law/cn with law/node */
static pd_str home_country = PD_STR_INIT("CN"); /* where the parties of a case are */

static pd_str read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = pd_arena_alloc(kept, FILE_BYTES);
    assert_non_null(text);
    size_t n = fread(text, 1, FILE_BYTES - 1, f);
    assert_true(feof(f));
    fclose(f);
    return (pd_str){text, n};
}

static void read_folder(const char *folder) {
    char path[600];
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        if (e->d_type == DT_DIR && strcmp(e->d_name, "charters") == 0)
            continue; /* presets of charters, no rules */
        if (e->d_type == DT_DIR) {
            read_folder(path);
            continue;
        }
        assert_true(file_count < FILES_MAX);
        pd_str name = pd_arena_printf(kept, "%s", path + strlen("law/"));
        files[file_count++] = (struct law_file){name, read_file(path)};
    }
    closedir(dir);
}

static pd_str pack_of(const struct law_file *file) {
    size_t slash = pd_str_find_char(file->path, '/');
    return pd_str_sub(file->path, 0, slash == PD_NPOS ? 0 : slash);
}

/* One pack with the registry and the rules of the node, as a node of that jurisdiction has them. */
static struct law_rules *load_pack(pd_str pack) {
    struct law_file some[FILES_MAX];
    struct pd_error err = {PD_OK, ""};
    struct law_rules *made = NULL;
    size_t n = 0;
    for (size_t i = 0; i < file_count; i++) {
        pd_str folder = pack_of(&files[i]);
        if (folder.len == 0 || pd_str_is(folder, "node") || pd_str_eq(folder, pack))
            some[n++] = files[i];
    }
    if (law_rules_new(some, n, &made, &err) != PD_OK)
        fail_msg("%s", err.text);
    return made;
}

static int load_packs(void **state) {
    (void)state;
    kept = pd_arena_new(ARENA_BYTES);
    read_folder("law");
    rules = load_pack(PD_STR("cn"));
    return 0;
}

static int drop_packs(void **state) {
    (void)state;
    law_rules_free(rules);
    pd_arena_free(kept);
    return 0;
}

/* ---- Cases in words ---- */

/* "is_personal=false:attested, k=5:measured" */
static size_t parse_facts(const struct law_rules *by, pd_str text, struct pd_arena *arena,
                          struct law_fact *out) {
    size_t n = 0;
    pd_str piece;
    while (text.len > 0 && pd_str_split(&text, ',', &piece)) {
        struct pd_error err = {PD_OK, ""};
        piece = pd_str_trim(piece);
        size_t equals = pd_str_find_char(piece, '=');
        size_t colon = pd_str_find_char(piece, ':');
        assert_true(equals != PD_NPOS && colon != PD_NPOS && n < FACTS_MAX);
        pd_str value = pd_str_sub(piece, equals + 1, colon - equals - 1);
        out[n] = (struct law_fact){
            .name = pd_str_sub(piece, 0, equals), .by = PD_STR("test"), .at = NOW - PD_DAY};
        assert_true(
            law_class_parse(pd_str_sub(piece, colon + 1, piece.len - colon - 1), &out[n].class_));
        if (law_fact_parse(by, out[n].name, value, arena, &out[n].value, &err) != PD_OK)
            fail_msg("%s", err.text);
        n++;
    }
    return n;
}

static pd_str next_word(pd_str *rest) {
    pd_str word = {"", 0};
    if (rest->data == NULL || !pd_str_split(rest, ' ', &word))
        return (pd_str){"", 0};
    return word;
}

/* A case from "share by state_organ to agency in CN" and facts; lives in `arena`. */
static struct law_case *make_case(const struct law_rules *by, pd_str act, pd_str facts_text,
                                  struct pd_arena *arena) {
    struct law_case *c = pd_arena_alloc(arena, sizeof(*c));
    struct law_party *recipient = pd_arena_alloc(arena, sizeof(*recipient));
    struct law_fact *facts = pd_arena_array(arena, FACTS_MAX, sizeof(*facts));
    assert_true(c != NULL && recipient != NULL && facts != NULL);
    *c = (struct law_case){
        .verb = next_word(&act),
        .party = {.id = PD_STR("holder"), .country = home_country},
        .resource_type = PD_STR("Distribution"),
        .resource_id = PD_STR("d1"),
        .facts = facts,
        .now = NOW,
    };
    assert_true(pd_str_is(next_word(&act), "by"));
    c->party.kind = next_word(&act);
    if (pd_str_is(next_word(&act), "to")) {
        *recipient = (struct law_party){.id = PD_STR("recipient"), .country = home_country};
        recipient->kind = next_word(&act);
        if (pd_str_is(next_word(&act), "in"))
            recipient->country = next_word(&act);
        c->recipient = recipient;
    }
    c->fact_count = parse_facts(by, facts_text, arena, facts);
    return c;
}

static const struct law_finding *decide(const struct law_rules *by, const struct law_case *c,
                                        struct pd_arena *arena) {
    struct pd_error err = {PD_OK, ""};
    const struct law_finding *finding = NULL;
    if (law_find(by, c, arena, &finding, &err) != PD_OK)
        fail_msg("%s", err.text);
    return finding;
}

static const struct law_voice *voice_of(const struct law_finding *finding, pd_str id) {
    for (size_t i = 0; i < finding->voice_count; i++)
        if (pd_str_eq(finding->voices[i].id, id))
            return &finding->voices[i];
    return NULL;
}

#endif
