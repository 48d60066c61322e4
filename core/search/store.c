#include "core/search/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

enum { STORE_KIND = 0x43696d53, LOCK_BYTE = 0x7fff0000, WAIT_MS = 10000 };

struct store {
    struct arena *arena;
    const char *path;
    sqlite3 *db;
    int lock; /* the file, opened to be locked */
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS point (id INTEGER PRIMARY KEY, status TEXT NOT NULL, message TEXT "
    "NOT NULL, system TEXT NOT NULL, trace TEXT NOT NULL, settings_json TEXT NOT NULL, "
    "config_hash TEXT NOT NULL, trace_hash TEXT NOT NULL, program TEXT NOT NULL, seed INTEGER NOT "
    "NULL, UNIQUE (system, trace, settings_json, config_hash, trace_hash, program, seed));"
    "CREATE TABLE IF NOT EXISTS figure (point INTEGER NOT NULL REFERENCES point (id), key TEXT NOT "
    "NULL, value, PRIMARY KEY (point, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS column_name (key TEXT PRIMARY KEY) WITHOUT ROWID;";

static bool complain(struct store *s, struct diag *d)
{
    int code = sqlite3_errcode(s->db);
    if (code == SQLITE_NOTADB)
        return diag_input(d, s->path, 0, "is no database of a sweep");
    return diag_cannot(d, "%s: %s", s->path, sqlite3_errmsg(s->db));
}

static bool execute(struct store *s, const char *sql, struct diag *d)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || complain(s, d);
}

static int64_t number_of(struct store *s, const char *sql)
{
    sqlite3_stmt *q = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
        value = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return value;
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool find_file(struct store *s, struct diag *d)
{
    s->lock = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    return s->lock >= 0 || diag_system(d, s->path, "cannot be opened", errno);
}

/* A byte that SQLite does not use; it is free again when this process ends, however that is.
 * Only once the file is in WAL mode: until then SQLite unlocks all of it now and then. */
static bool lock(struct store *s, struct diag *d)
{
    struct flock whole = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1};
    return fcntl(s->lock, F_SETLK, &whole) == 0 ||
           diag_cannot(d, "%s: another sweep is writing it", s->path);
}

static bool prepare(struct store *s, struct diag *d)
{
    sqlite3_busy_timeout(s->db, WAIT_MS);
    int64_t held = number_of(s, "SELECT count(*) FROM sqlite_master");
    if (held < 0)
        return complain(s, d);
    if (held > 0 && number_of(s, "PRAGMA application_id") != STORE_KIND)
        return diag_input(d, s->path, 0, "is a database, but not one of a sweep");
    TRY(execute(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;", d));
    char *sql = sqlite3_mprintf("BEGIN IMMEDIATE; PRAGMA application_id = %d; %s COMMIT;",
                                STORE_KIND, tables);
    bool ok = execute(s, sql, d);
    sqlite3_free(sql);
    return ok;
}

bool store_open(struct arena *a, const char *path, struct store **out, struct diag *d)
{
    struct store *s = ARENA_NEW(a, struct store);
    *s = (struct store){.arena = a, .path = path, .lock = -1};
    bool ok = find_file(s, d) && (sqlite3_open(path, &s->db) == SQLITE_OK || complain(s, d)) &&
              prepare(s, d) && lock(s, d);
    *out = s;
    if (!ok)
        store_close(s);
    return ok;
}

void store_close(struct store *s)
{
    sqlite3_close(s->db);
    if (s->lock >= 0)
        close(s->lock);
}

/* --- the plan --------------------------------------------------------------------------------- */

static void bind_point(sqlite3_stmt *q, const struct store_point *p)
{
    const char *const texts[] = {p->system,      p->trace,      p->settings,
                                 p->config_hash, p->trace_hash, p->program};
    sqlite3_reset(q);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        sqlite3_bind_text(q, (int)i + 1, texts[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, COUNT_OF(texts) + 1, p->seed);
}

static bool enter(struct store *s, struct store_point *points, size_t count, struct diag *d)
{
    sqlite3_stmt *add = NULL, *find = NULL;
    bool ok =
        sqlite3_prepare_v2(s->db,
                           "INSERT OR IGNORE INTO point (status, message, system, trace, "
                           "settings_json, config_hash, trace_hash, program, seed) VALUES "
                           "('open', '', ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                           -1, &add, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(s->db,
                           "SELECT id, status = 'open' FROM point WHERE system = ?1 AND trace "
                           "= ?2 AND settings_json = ?3 AND config_hash = ?4 AND trace_hash = "
                           "?5 AND program = ?6 AND seed = ?7",
                           -1, &find, NULL) == SQLITE_OK;
    for (size_t i = 0; ok && i < count; i++) {
        bind_point(add, &points[i]);
        ok = sqlite3_step(add) == SQLITE_DONE;
        bind_point(find, &points[i]);
        ok = ok && sqlite3_step(find) == SQLITE_ROW;
        points[i].id = sqlite3_column_int64(find, 0);
        points[i].open = sqlite3_column_int(find, 1) != 0;
    }
    ok = ok || complain(s, d);
    sqlite3_finalize(add);
    sqlite3_finalize(find);
    return ok;
}

/* Ends what BEGIN began. */
static bool end(struct store *s, bool ok, struct diag *d)
{
    if (ok && execute(s, "COMMIT", d))
        return true;
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool store_plan(struct store *s, struct store_point *points, size_t count, struct diag *d)
{
    TRY(execute(s, "BEGIN IMMEDIATE", d));
    return end(s, enter(s, points, count, d), d);
}

/* --- a result --------------------------------------------------------------------------------- */

/* One column a key: of a key that is both a setting and a figure, the setting. */
static bool make_view(struct store *s, struct diag *d)
{
    sqlite3_stmt *q = NULL;
    sqlite3_str *sql = sqlite3_str_new(s->db);
    sqlite3_str_appendall(sql, "DROP VIEW IF EXISTS result; CREATE VIEW result AS SELECT id, "
                               "status, message, system, trace");
    bool ok = sqlite3_prepare_v2(
                  s->db,
                  "SELECT DISTINCT 0, j.key FROM point, json_each(settings_json) AS j UNION ALL "
                  "SELECT 1, key FROM column_name WHERE key NOT IN (SELECT j.key FROM point, "
                  "json_each(settings_json) AS j) ORDER BY 1, 2",
                  -1, &q, NULL) == SQLITE_OK;
    while (ok && sqlite3_step(q) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(q, 1);
        const char *from = sqlite3_column_int(q, 0)
                               ? ", (SELECT value FROM figure WHERE point = id AND key = %Q) AS "
                                 "\"%w\""
                               : ", (SELECT value FROM json_each(settings_json) WHERE key = %Q) AS "
                                 "\"%w\"";
        sqlite3_str_appendf(sql, from, key, key);
    }
    sqlite3_finalize(q);
    sqlite3_str_appendall(sql, " FROM point");
    char *text = sqlite3_str_finish(sql);
    ok = ok ? execute(s, text, d) : complain(s, d);
    sqlite3_free(text);
    return ok;
}

static void bind_value(sqlite3_stmt *q, int at, const json_t *value)
{
    if (json_is_integer(value))
        sqlite3_bind_int64(q, at, json_integer_value(value));
    else if (json_is_real(value))
        sqlite3_bind_double(q, at, json_real_value(value));
    else if (json_is_string(value))
        sqlite3_bind_text(q, at, json_string_value(value), -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(q, at);
}

static bool put_figures(struct store *s, int64_t id, const json_t *figures, bool *new_key,
                        struct diag *d)
{
    sqlite3_stmt *put = NULL, *name = NULL;
    const char *key;
    json_t *value;
    bool ok = sqlite3_prepare_v2(s->db, "INSERT INTO figure VALUES (?1, ?2, ?3)", -1, &put, NULL) ==
                  SQLITE_OK &&
              sqlite3_prepare_v2(s->db, "INSERT OR IGNORE INTO column_name VALUES (?1)", -1, &name,
                                 NULL) == SQLITE_OK;
    json_object_foreach((json_t *)figures, key, value)
    {
        if (!ok)
            break;
        sqlite3_reset(put);
        sqlite3_bind_int64(put, 1, id);
        sqlite3_bind_text(put, 2, key, -1, SQLITE_STATIC);
        bind_value(put, 3, value);
        sqlite3_reset(name);
        sqlite3_bind_text(name, 1, key, -1, SQLITE_STATIC);
        ok = ok && sqlite3_step(put) == SQLITE_DONE && sqlite3_step(name) == SQLITE_DONE;
        *new_key |= sqlite3_changes(s->db) > 0;
    }
    ok = ok || complain(s, d);
    sqlite3_finalize(put);
    sqlite3_finalize(name);
    return ok;
}

static bool put_status(struct store *s, int64_t id, const char *status, const char *message,
                       struct diag *d)
{
    char *sql = sqlite3_mprintf("UPDATE point SET status = %Q, message = %Q WHERE id = %lld",
                                status, message, (long long)id);
    bool ok = execute(s, sql, d);
    sqlite3_free(sql);
    return ok;
}

bool store_put(struct store *s, int64_t id, const json_t *figures, const char *message,
               struct diag *d)
{
    bool new_key = false;
    TRY(execute(s, "BEGIN IMMEDIATE", d));
    bool ok = put_status(s, id, figures ? "done" : "failed", message, d) &&
              (!figures || put_figures(s, id, figures, &new_key, d)) &&
              (!new_key || make_view(s, d));
    return end(s, ok, d);
}

/* --- reading ---------------------------------------------------------------------------------- */

static json_t *column(sqlite3_stmt *q, int at)
{
    switch (sqlite3_column_type(q, at)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(q, at));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(q, at));
    case SQLITE_TEXT:
        return json_string((const char *)sqlite3_column_text(q, at));
    default:
        return json_null();
    }
}

bool store_get(struct store *s, int64_t id, json_t **out, struct diag *d)
{
    sqlite3_stmt *q = NULL, *f = NULL;
    json_t *o = json_object(), *figures = json_object();
    bool ok =
        sqlite3_prepare_v2(s->db, "SELECT status, message, settings_json FROM point WHERE id = ?1",
                           -1, &q, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(s->db, "SELECT key, value FROM figure WHERE point = ?1", -1, &f, NULL) ==
            SQLITE_OK;
    sqlite3_bind_int64(q, 1, id);
    sqlite3_bind_int64(f, 1, id);
    if (ok && sqlite3_step(q) == SQLITE_ROW) {
        json_object_set_new(o, "id", json_integer(id));
        json_object_set_new(o, "status", column(q, 0));
        json_object_set_new(o, "message", column(q, 1));
        json_object_set_new(o, "settings",
                            json_loads((const char *)sqlite3_column_text(q, 2), 0, NULL));
    }
    while (ok && sqlite3_step(f) == SQLITE_ROW)
        json_object_set_new(figures, (const char *)sqlite3_column_text(f, 0), column(f, 1));
    json_object_set_new(o, "figures", figures);
    sqlite3_finalize(q);
    sqlite3_finalize(f);
    *out = o;
    return ok || complain(s, d);
}
