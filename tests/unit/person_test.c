/* Identifiers as they are compared, and the numbers of rows that go. */
#include "govern/erase.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *written, *compared; /* NULL: nothing is left of it */
} forms[] = {
    {"110101199003072938", "110101199003072938"},
    {"11010119900307293x", "11010119900307293X"},
    {" 110101 19900307-293X\t", "11010119900307293X"},
    {"\xef\xbc\x91\xef\xbc\x91\xef\xbc\x90\xef\xbc\x91", "1101"}, /* full-width digits */
    {"G 1234-5678", "G12345678"},
    {"\xe4\xba\xac"
     "A\xc2\xb7"
     "12345",
     "\xe4\xba\xac"
     "A\xc2\xb7"
     "12345"}, /* a number plate */
    {"13800001234", "13800001234"},
    {"+86 138 0000 1234", "13800001234"},
    {"0086-13800001234", "13800001234"},
    {"86-13800001234", "13800001234"},
    {"+49 30 1234567", "49301234567"},
    {"8613800001234x", "8613800001234X"},
    {"86238000012345", "86238000012345"},
    {"Li.Wei@Example.ORG", "li.wei@example.org"},
    {" li.wei@example.org ", "li.wei@example.org"},
    {"", NULL},
    {" -\xe3\x80\x80. ", NULL},
};

static void identifiers_are_brought_to_one_form(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        char out[PERSON_IDENTIFIER_MAX];
        size_t len = 0;
        bool is_left = person_normal(pd_str_from(forms[i].written), out, &len);
        assert_int_equal(is_left, forms[i].compared != NULL);
        if (is_left && !pd_str_is((pd_str){out, len}, forms[i].compared))
            fail_msg("\"%s\" became \"%.*s\", not \"%s\"", forms[i].written, (int)len, out,
                     forms[i].compared);
    }
}

static void what_is_too_long_is_no_identifier(void **state) {
    (void)state;
    char text[PERSON_IDENTIFIER_MAX + 2], out[PERSON_IDENTIFIER_MAX];
    size_t len;
    memset(text, '7', sizeof(text));
    assert_true(person_normal((pd_str){text, PERSON_IDENTIFIER_MAX}, out, &len));
    assert_int_equal(len, PERSON_IDENTIFIER_MAX);
    assert_false(person_normal((pd_str){text, PERSON_IDENTIFIER_MAX + 1}, out, &len));
}

static void hashes_differ_by_key_and_identifier(void **state) {
    (void)state;
    struct store_key a = {.bytes = {1}}, b = {.bytes = {2}};
    uint8_t first[PERSON_HASH_SIZE], second[PERSON_HASH_SIZE];
    person_hash(&a, PD_STR("1101"), first);
    person_hash(&a, PD_STR("1101"), second);
    assert_memory_equal(first, second, PERSON_HASH_SIZE);
    person_hash(&b, PD_STR("1101"), second);
    assert_memory_not_equal(first, second, PERSON_HASH_SIZE);
    person_hash(&a, PD_STR("1102"), second);
    assert_memory_not_equal(first, second, PERSON_HASH_SIZE);
}

static void rows_behind_a_removed_one_move_up(void **state) {
    (void)state;
    static const uint64_t gone[] = {0, 3, 3, 4, 100};
    struct erase_rows rows = {0};
    for (size_t i = 0; i < COUNT(gone); i++)
        assert_int_equal(erase_rows_add(&rows, gone[i], NULL), PD_OK);
    assert_int_equal(rows.count, 4); /* one row may hold a person twice */
    static const struct {
        uint64_t row, below;
        bool is_gone;
    } cases[] = {{0, 0, true},  {1, 1, false},  {3, 1, true},   {4, 2, true},
                 {5, 3, false}, {99, 3, false}, {100, 3, true}, {101, 4, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(erase_rows_below(&rows, cases[i].row), cases[i].below);
        assert_int_equal(erase_rows_has(&rows, cases[i].row), cases[i].is_gone);
    }
    erase_rows_clear(&rows);
    assert_false(erase_rows_has(&rows, 0));
}

static void only_what_names_one_person_is_indexed(void **state) {
    (void)state;
    static const struct {
        enum inspect_role role;
        const char *category;
        bool is_indexed;
    } cases[] = {{INSPECT_DIRECT, "identity", true}, {INSPECT_DIRECT, "contact", true},
                 {INSPECT_DIRECT, "finance", true},  {INSPECT_DIRECT, "name", false},
                 {INSPECT_DIRECT, "", false},        {INSPECT_QUASI, "identity", false},
                 {INSPECT_OTHER, "contact", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct inspect_column column = {.role = cases[i].role, .category = cases[i].category};
        assert_int_equal(person_is_indexed(&column), cases[i].is_indexed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_brought_to_one_form),
        cmocka_unit_test(what_is_too_long_is_no_identifier),
        cmocka_unit_test(hashes_differ_by_key_and_identifier),
        cmocka_unit_test(rows_behind_a_removed_one_move_up),
        cmocka_unit_test(only_what_names_one_person_is_indexed),
    };
    return cmocka_run_group_tests_name("person", tests, NULL, NULL);
}
