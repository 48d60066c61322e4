/* cimarron trace check: is a trace sound? */
#include "core/app/check.h"

static int run(struct app *app, const struct texts *words, void *values)
{
    (void)values;
    return check_all(app, words, check_trace);
}

const struct command command_trace_check = {
    .name = "trace check",
    .summary = "read traces strictly, simulate nothing",
    .words = "TRACE...",
    .about =
        "Prints `FILE: ok`, or the first complaint as FILE:LINE: sentence on stderr, and goes on\n"
        "with the next.  Exit status 2 when any is wrong.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron trace check resnet50 my.jsonl.gz\n",
    .words_min = 1,
    .words_max = SIZE_MAX,
    .run = run,
};
