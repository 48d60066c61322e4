/* What can be compared and validated, with the keys of its configs. */
#include <string.h>

#include "core/app/list.h"
#include "core/app/result.h"
#include "core/validate/compare.h"
#include "core/validate/validate.h"

/* Configs of configs/study that are tables; others are of other kinds. */
void list_tables(struct app *app, json_t *result)
{
    struct texts names = list_files(app, "configs/study", ".cfg");
    json_t *list = put_list(result, "tables"), *parameters = put_list(result, "parameters");
    for (size_t i = 0; i < names.count; i++) {
        struct cfg *c;
        struct diag d = {0};
        const char *path = arena_printf(app->arena, "%s/configs/study/%s.cfg", cfg_home(app->arena),
                                        names.items[i]);
        if (!cfg_open(app->arena, path, NULL, 0, &c, &d))
            continue;
        if (!strcmp(cfg_text_or(cfg_root(c), "kind", ""), "table")) {
            json_t *row = add_row(list);
            put_text(row, "name", names.items[i]);
            put_text(row, "title", cfg_text_or(cfg_root(c), "title", NULL));
        }
        cfg_close(c);
    }
    list_schema(app, parameters, "table", &compare_schema);
    list_schema(app, parameters, "table.rows.*", &compare_row_schema);
}

static void put_shares(json_t *list)
{
    static const char *const shares[][2] = {
#define SHARE(key, help) {#key, help},
#include "core/validate/shares.def"
#undef SHARE
    };
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        json_t *row = add_row(list);
        put_text(row, "part", shares[i][0]);
        put_text(row, "stands_for", shares[i][1]);
    }
}

void list_published(struct app *app, json_t *result)
{
    json_t *list = put_list(result, "published");
    list_schema(app, list, "published", &published_schema);
    list_schema(app, list, "published.points.*", &published_point_schema);
    list_schema(app, list, "published.known_miss.*", &published_miss_schema);
    put_shares(put_list(result, "breakdown"));
}
