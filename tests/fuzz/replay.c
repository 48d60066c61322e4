/* replay.c — main of a fuzz target without libFuzzer: runs it once over each given file.
 *
 * An argument is a file, a folder of files, or @LIST with one path per line.  The target itself
 * aborts when a promise breaks.  No file at all is a failure: nothing replayed proves nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_BYTES = 4096 };

static size_t replay_file(const char *path)
{
    struct stat info;
    FILE *in = fopen(path, "rb");
    if (!in || stat(path, &info) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    size_t size = (size_t)info.st_size;
    uint8_t *data = malloc(size ? size : 1); /* its own size: ASan sees a read past the end */
    if (!data || fread(data, 1, size, in) != size) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fclose(in);
    fprintf(stderr, "%s\n", path); /* the last line before a crash names its input */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static size_t replay_folder(const char *path)
{
    size_t count = 0;
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char file[PATH_BYTES];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            count += replay_file(file);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return count;
}

static size_t replay_list(const char *path)
{
    size_t count = 0;
    char line[PATH_BYTES];
    FILE *in = fopen(path, "r");
    if (!in) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0])
            count += replay_file(line);
    }
    fclose(in);
    return count;
}

static size_t replay(const char *argument)
{
    struct stat info;
    if (argument[0] == '@')
        return replay_list(argument + 1);
    if (stat(argument, &info) == 0 && S_ISDIR(info.st_mode))
        return replay_folder(argument);
    return replay_file(argument);
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    printf("%zu inputs replayed\n", count);
    return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
