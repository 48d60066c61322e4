/* How names turn into files: CIMARRON_HOME, roles, suggestions. */
#include "core/base/cfg.h"
#include "tests/check_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {"configs/chip/isaac_2016.cfg", "configs/chip/puma_2019.cfg",
                                    "configs/noc/mesh.cfg", "configs/link/mesh.cfg"};
static const char *const folders[] = {"configs", "configs/chip", "configs/noc", "configs/link"};

static struct arena *a;
static char home[64];
static struct diag d;

static void build_home(void)
{
    a = arena_open();
    d = (struct diag){.status = 0};
    snprintf(home, sizeof home, "/tmp/cimarron-home-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(home));
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        ck_assert_int_eq(mkdir(arena_printf(a, "%s/%s", home, folders[i]), 0700), 0);
    for (size_t i = 0; i < COUNT_OF(files); i++)
        fclose(fopen(arena_printf(a, "%s/%s", home, files[i]), "w"));
    setenv("CIMARRON_HOME", home, 1);
}

static void remove_home(void)
{
    for (size_t i = 0; i < COUNT_OF(files); i++)
        unlink(arena_printf(a, "%s/%s", home, files[i]));
    for (size_t i = COUNT_OF(folders); i-- > 0;)
        rmdir(arena_printf(a, "%s/%s", home, folders[i]));
    rmdir(home);
    arena_close(a);
}

static const char *in_home(const char *path)
{
    return arena_printf(a, "%s/%s", home, path);
}

START_TEST(a_name_is_found_in_any_role)
{
    build_home();
    ck_assert_str_eq(cfg_find(a, "isaac_2016", NULL, &d), in_home(files[0]));
    remove_home();
}
END_TEST

START_TEST(a_name_is_found_only_in_the_roles_asked_for)
{
    static const char *const noc[] = {"noc", NULL}, *const both[] = {"link", "noc", NULL};
    build_home();
    ck_assert_ptr_null(cfg_find(a, "isaac_2016", noc, &d));
    ck_assert_str_eq(cfg_find(a, "mesh", noc, &d), in_home("configs/noc/mesh.cfg"));
    ck_assert_str_eq(cfg_find(a, "mesh", both, &d), in_home("configs/link/mesh.cfg"));
    remove_home();
}
END_TEST

START_TEST(a_path_that_exists_means_itself)
{
    build_home();
    ck_assert_str_eq(cfg_find(a, "CMakeLists.txt", NULL, &d), "CMakeLists.txt");
    ck_assert_ptr_null(cfg_find(a, "core", NULL, &d));
    remove_home();
}
END_TEST

START_TEST(a_name_of_two_roles_is_refused)
{
    build_home();
    ck_assert_ptr_null(cfg_find(a, "mesh", NULL, &d));
    ck_assert_str_eq(d.text, arena_printf(a, "'mesh' may be %s, %s; give the path",
                                          in_home(files[3]), in_home(files[2])));
    remove_home();
}
END_TEST

START_TEST(a_misspelt_name_gets_a_suggestion)
{
    build_home();
    ck_assert_ptr_null(cfg_find(a, "isac_2016", NULL, &d));
    ck_assert_str_eq(d.text, arena_printf(a,
                                          "'isac_2016' is no file and no config in %s/configs; "
                                          "did you mean isaac_2016?",
                                          home));
    ck_assert_int_eq(d.status, 2);
    remove_home();
}
END_TEST

START_TEST(a_strange_name_gets_the_list)
{
    static const char *const chip[] = {"chip", NULL};
    build_home();
    ck_assert_ptr_null(cfg_find(a, "zzzzzzzzzz", chip, &d));
    ck_assert_str_eq(d.text, arena_printf(a,
                                          "'zzzzzzzzzz' is no file and no config in "
                                          "%s/configs/chip; there are isaac_2016, puma_2019",
                                          home));
    remove_home();
}
END_TEST

START_TEST(a_wrong_home_is_said)
{
    a = arena_open();
    d = (struct diag){.status = 0};
    setenv("CIMARRON_HOME", "/nowhere", 1);
    ck_assert_str_eq(cfg_home(a), "/nowhere");
    ck_assert_ptr_null(cfg_find(a, "isaac", NULL, &d));
    ck_assert_ptr_nonnull(strstr(d.text, "is CIMARRON_HOME right?"));
    arena_close(a);
}
END_TEST

START_TEST(a_build_tree_finds_the_source_tree)
{
    a = arena_open();
    unsetenv("CIMARRON_HOME");
    ck_assert_str_eq(cfg_home(a), CIMARRON_SOURCE_DIR);
    arena_close(a);
}
END_TEST

SUITE("finding configs", a_name_is_found_in_any_role, a_name_is_found_only_in_the_roles_asked_for,
      a_path_that_exists_means_itself, a_name_of_two_roles_is_refused,
      a_misspelt_name_gets_a_suggestion, a_strange_name_gets_the_list, a_wrong_home_is_said,
      a_build_tree_finds_the_source_tree)
