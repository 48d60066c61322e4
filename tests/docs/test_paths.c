/* Files and commands that the documents name: a document that outlives them misleads. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/app/app.h"
#include "tests/check_main.h"

enum { DOCUMENT_MAX = 1 << 17, WORD_MAX = 256 };

static const char *const documents[] = {
    "docs/ARCHITECTURE.md",     "docs/MODELS.md", "docs/SOURCES.md", "docs/WORKED_EXAMPLE.md",
    "docs/ENTERING_SILICON.md", "docs/BOOKS.md",  "README.md"};
static const char *const folders[] = {"core/",    "memory/", "noc/",   "chiplet/", "traces/",
                                      "configs/", "tests/",  "cmake/", "docs/"};

static char *read_document(const char *path)
{
    static char text[DOCUMENT_MAX];
    char full[1024];
    snprintf(full, sizeof full, "%s/%s", CIMARRON_SOURCE_DIR, path);
    FILE *f = fopen(full, "r");
    ck_assert_msg(f != NULL, "%s is missing", path);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

/* The next text between back quotes on one line; NULL at the end. */
static char *next_quoted(char **at, char word[WORD_MAX])
{
    for (char *open = strchr(*at, '`'); open; open = strchr(open + 1, '`')) {
        size_t length = strcspn(open + 1, "`\n");
        if (length == 0 || length >= WORD_MAX || open[1 + length] != '`')
            continue;
        memcpy(word, open + 1, length);
        word[length] = '\0';
        *at = open + length + 2;
        return word;
    }
    return NULL;
}

/* A path of the tree, without placeholders or wildcards. */
static bool is_path(const char *word)
{
    if (strpbrk(word, " *{(") || strstr(word, "NAME") || strstr(word, "ROLE"))
        return false;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (strncmp(word, folders[i], strlen(folders[i])) == 0)
            return true;
    return false;
}

START_TEST(every_file_that_a_document_names_is_there)
{
    int seen = 0;
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        char word[WORD_MAX], full[2048], *at = read_document(documents[i]);
        while (next_quoted(&at, word)) {
            struct stat s;
            if (!is_path(word))
                continue;
            snprintf(full, sizeof full, "%s/%s", CIMARRON_SOURCE_DIR, word);
            ck_assert_msg(stat(full, &s) == 0, "%s names %s, which is not there", documents[i],
                          word);
            seen++;
        }
    }
    ck_assert_int_gt(seen, 40);
}
END_TEST

/* Whether the words behind `cimarron` begin with a command's name. */
static bool is_command(const char *words)
{
    for (size_t i = 0; command_at(i); i++) {
        const char *name = command_at(i)->name;
        size_t length = strlen(name);
        if (strncmp(words, name, length) == 0 && strchr(" `\n", words[length]))
            return true;
    }
    return false;
}

START_TEST(every_command_that_a_document_names_is_there)
{
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        char *text = read_document(documents[i]);
        for (char *at = strstr(text, "cimarron "); at; at = strstr(at + 1, "cimarron ")) {
            bool quoted = at > text && (at[-1] == '`' || at[-1] == '\n');
            char words[33];
            snprintf(words, sizeof words, "%s", at + strlen("cimarron "));
            if (quoted)
                ck_assert_msg(is_command(words), "%s names cimarron %s", documents[i], words);
        }
    }
}
END_TEST

SUITE("documents", every_file_that_a_document_names_is_there,
      every_command_that_a_document_names_is_there)
