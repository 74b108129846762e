// The raw limit of a PostgreSQL for the rows of a queue: prepared statements and nothing around them. usage: postgres URL SECONDS
// A row is a job with 99 characters of JSON; the whole cycle is insert n, claim n, delete n, in three commits.
#include "limit.h"
#include <libpq-fe.h>

static const char *schema =
    "DROP TABLE IF EXISTS raw_job;"
    "CREATE TABLE raw_job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, queue text NOT NULL, kind text NOT NULL, payload jsonb NOT NULL,"
    " state smallint NOT NULL DEFAULT 0, priority smallint NOT NULL DEFAULT 0, run_at timestamptz NOT NULL DEFAULT now(),"
    " attempts integer NOT NULL DEFAULT 0, lease_until timestamptz, worker text, finished_at timestamptz);"
    "CREATE INDEX raw_job_ready ON raw_job (queue, priority DESC, run_at, id) WHERE state = 0";

static const char *insert =
    "INSERT INTO raw_job (queue, kind, payload) SELECT 'default', 'nothing', $2::jsonb FROM generate_series(1, $1::int)";
static const char *insert_unnest = "INSERT INTO raw_job (queue, kind, payload) SELECT 'default', 'nothing', p FROM unnest($1::jsonb[]) p";
static const char *claim =
    "UPDATE raw_job SET state = 1, attempts = attempts + 1, lease_until = now() + interval '30 s', worker = 'w' WHERE id IN"
    " (SELECT id FROM raw_job WHERE queue = 'default' AND state = 0 ORDER BY priority DESC, run_at, id LIMIT $1::int FOR UPDATE SKIP LOCKED)"
    " RETURNING id, kind, payload, attempts";
static const char *complete = "DELETE FROM raw_job WHERE id = ANY($1::bigint[])";

static const char *payload = "{\"to\": \"someone@example.org\", \"template\": \"welcome\", \"language\": \"en\", \"attachments\": [1, 2, 3, 4, 5]}";

static PGresult *checked(PGconn *connection, PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail("PostgreSQL", PQerrorMessage(connection));
    return result;
}

static void prepare(PGconn *connection, const char *name, const char *sql) { PQclear(checked(connection, PQprepare(connection, name, sql, 0, NULL))); }

static void *open_connection(const char *url) {
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) fail("PostgreSQL", PQerrorMessage(connection));
    prepare(connection, "insert", insert_unnest);
    prepare(connection, "claim", claim);
    prepare(connection, "complete", complete);
    return connection;
}

// An array literal of `count` payloads, as every client has to send them.
static char *payloads(int count) {
    static char *text;
    static int held;
    if (held == count) return text;
    text = realloc(text, (size_t)count * 256 + 3);
    char *at = text;
    *at++ = '{';
    for (int number = 0; number < count; number++) {
        if (number) *at++ = ',';
        *at++ = '"';
        for (const char *c = payload; *c; c++) {
            if (*c == '"') *at++ = '\\';
            *at++ = *c;
        }
        *at++ = '"';
    }
    *at++ = '}';
    *at = 0;
    held = count;
    return text;
}

static PGresult *run(PGconn *connection, const char *name, const char *value) {
    return checked(connection, PQexecPrepared(connection, name, 1, &value, NULL, NULL, 0));
}

static long take_insert(void *connection, int batch) {
    PQclear(run(connection, "insert", payloads(batch)));
    return batch;
}

static long take_drain(void *connection, int batch) {
    static char *ids;
    char number[16];
    ids = realloc(ids, (size_t)batch * 21 + 3);
    snprintf(number, sizeof number, "%d", batch);
    PGresult *claimed = run(connection, "claim", number);
    int rows = PQntuples(claimed);
    char *at = ids;
    *at++ = '{';
    for (int row = 0; row < rows; row++) at += sprintf(at, row ? ",%s" : "%s", PQgetvalue(claimed, row, 0));
    strcpy(at, "}");
    PQclear(claimed);
    if (rows) PQclear(run(connection, "complete", ids));
    return rows;
}

static long take_cycle(void *connection, int batch) {
    take_insert(connection, batch);
    return take_drain(connection, batch);
}

static void fresh(const char *url, int rows) {
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) fail("PostgreSQL", PQerrorMessage(connection));
    PQclear(checked(connection, PQexec(connection, "SET client_min_messages = warning")));
    PQclear(checked(connection, PQexec(connection, schema)));
    if (rows) {
        char number[16];
        const char *values[] = {number, payload};
        snprintf(number, sizeof number, "%d", rows);
        PQclear(checked(connection, PQexecParams(connection, insert, 2, NULL, values, NULL, NULL, 0)));
        PQclear(checked(connection, PQexec(connection, "VACUUM ANALYZE raw_job")));
    }
    PQfinish(connection);
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage", "postgres URL SECONDS");
    const char *url = arguments[1];
    double seconds = atof(arguments[2]);
    // The rows of a drain are more than a server can work off, for every second that is measured.
    struct { const char *name; turn take; int batch, connections, rows; } cells[] = {
        {"insert_1", take_insert, 1, 1, 0},       {"insert_100", take_insert, 100, 1, 0},    {"insert_1000", take_insert, 1000, 1, 0},
        {"cycle_1", take_cycle, 1, 1, 0},         {"cycle_100", take_cycle, 100, 1, 0},      {"cycle_100_2", take_cycle, 100, 2, 0},
        {"cycle_500_2", take_cycle, 500, 2, 0},   {"drain_100", take_drain, 100, 1, 200000}, {"drain_100_2", take_drain, 100, 2, 200000},
    };
    printf("{");
    for (size_t cell = 0; cell < sizeof cells / sizeof *cells; cell++) {
        fresh(url, (int)(cells[cell].rows * seconds));
        double rate = measure(open_connection, url, cells[cell].take, cells[cell].batch, cells[cell].connections, seconds);
        printf("%s\"%s\": %.0f", cell ? ", " : "", cells[cell].name, rate);
        fflush(stdout);
    }
    printf("}\n");
    PGconn *connection = PQconnectdb(url);
    PQclear(PQexec(connection, "DROP TABLE raw_job"));
    PQfinish(connection);
    return 0;
}
