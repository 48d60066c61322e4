/* What the arena promises. */
#include "core/base/arena.h"
#include "tests/check_main.h"

#include <string.h>

START_TEST(memory_is_zeroed_and_aligned_for_any_type)
{
    struct arena *a = arena_open();
    for (size_t size = 1; size < 400; size++) {
        unsigned char *p = arena_alloc(a, 1, size);
        ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_uint_eq(p[i], 0);
        memset(p, 0xff, size);
    }
    arena_close(a);
}
END_TEST

START_TEST(pieces_never_overlap)
{
    enum { PIECES = 3000 };
    static unsigned char *piece[PIECES];
    struct arena *a = arena_open();
    for (size_t i = 0; i < PIECES; i++) {
        size_t size = 1 + i * 37 % 300;
        piece[i] = arena_alloc(a, size, 1);
        memset(piece[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t j = 0; j < 1 + i * 37 % 300; j++)
            ck_assert_uint_eq(piece[i][j], i % 251);
    arena_close(a);
}
END_TEST

START_TEST(a_large_piece_does_not_waste_the_open_chunk)
{
    struct arena *a = arena_open();
    char *first = arena_alloc(a, 1, 16);
    char *large = arena_alloc(a, 1000, 1000);
    char *next = arena_alloc(a, 1, 16);
    memset(large, 1, 1000 * 1000);
    ck_assert_ptr_eq(next, first + 16);
    ck_assert_int_eq(next[0], 0);
    arena_close(a);
}
END_TEST

START_TEST(a_count_of_zero_gives_a_valid_pointer)
{
    struct arena *a = arena_open();
    ck_assert_ptr_nonnull(ARENA_ARRAY(a, int, 0));
    arena_close(a);
    arena_close(NULL);
}
END_TEST

START_TEST(texts_are_copied_and_printed)
{
    struct arena *a = arena_open();
    char text[] = "macro";
    char *copy = arena_strdup(a, text);
    text[0] = 'X';
    ck_assert_str_eq(copy, "macro");
    ck_assert_str_eq(arena_strndup(a, "macro", 3), "mac");
    ck_assert_str_eq(arena_printf(a, "%s-%d", "tile", 42), "tile-42");
    ck_assert_uint_gt(arena_bytes(a), 0);
    arena_close(a);
}
END_TEST

START_TEST(a_size_that_overflows_ends_the_process)
{
    struct arena *a = arena_open();
    arena_alloc(a, SIZE_MAX / 2, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *cases = tcase_create("arena");
    tcase_add_test(cases, memory_is_zeroed_and_aligned_for_any_type);
    tcase_add_test(cases, pieces_never_overlap);
    tcase_add_test(cases, a_large_piece_does_not_waste_the_open_chunk);
    tcase_add_test(cases, a_count_of_zero_gives_a_valid_pointer);
    tcase_add_test(cases, texts_are_copied_and_printed);
    tcase_add_exit_test(cases, a_size_that_overflows_ends_the_process, EXIT_FAILURE);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
