/* rules.c - what conditions and whole evaluations of the rules cost.
 *
 * rules SNAPSHOT [ROUNDS]: a table on standard output. Times are those of the process's CPU clock,
 * medians over ROUNDS (default 51), each of as many calls as make it last some milliseconds, so
 * that a busy machine is seen less. No I/O is measured: the snapshot is in memory. */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/macros.h"
#include "rules/vocabulary.h"
#include "tcpadvise/expr.h"
#include "tcpadvise/rules.h"

enum { MAX_INPUT = 64 * 1024 * 1024, MAX_ROUNDS = 1001, WIDE = 400 };

/* Conditions such as the packs have: over ns, a namespace of the snapshot. */
static const char *const conditions[] = {
	"ns.sockets.time_wait > 1000",
	"ns.sockets.time_wait > 1000 && ns.sockets.close_wait > 10 && ns.sockets.established < 5",
	"ns.sockets.time_wait >= 0 && ns.sockets.close_wait >= 0 && ns.sockets.established >= 0",
	"ns.sysctl[\"net.ipv4.tcp_tw_reuse\"] == 1 && \"net.core.somaxconn\" in ns.sysctl",
	"has(ns.sockets.syn_recv) ? ns.sockets.syn_recv * 100 / 128 > 80 : false",
	"ns.listeners.exists(l, l.port == 22)",
	"ns.destinations.all(d, d.ports_used >= 0)",
	"\"10.0.0.1:443\".matches(\"^10[.]0[.]\")",
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Something that is done often; false is a failure. */
typedef bool work(void *ctx);

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Nanoseconds a call: the median of rounds. */
static double measure(work *call, void *ctx, size_t calls, size_t rounds)
{
	static double figures[MAX_ROUNDS];

	for (size_t i = 0; i < rounds; i++) {
		int64_t start = now_ns();

		for (size_t j = 0; j < calls; j++)
			if (!call(ctx))
				errx(1, "what is measured failed");
		figures[i] = (double)(now_ns() - start) / (double)calls;
	}
	qsort(figures, rounds, sizeof(*figures), compare);
	return figures[rounds / 2];
}

/* ---- conditions --------------------------------------------------------------------- */

struct condition {
	struct ta_env *env;
	struct ta_eval *eval;
	struct ta_expr *expr;
	struct ta_value ns;
};

static bool evaluate_condition(void *ctx)
{
	struct condition *c = ctx;
	struct ta_value value;
	bool ok = ta_expr_eval(c->expr, c->eval, &c->ns, &value, NULL);

	ta_eval_reset(c->eval);
	return ok;
}

static void measure_condition(const struct ta_vocabulary *words, const json_t *ns, const char *text,
			      size_t rounds)
{
	struct condition c = { ta_env_new(), ta_eval_new(), NULL, ta_value_from_json(ns) };
	struct ta_diags diags = { 0 };

	if (!c.env || !c.eval || !ta_env_declare(c.env, "ns", words->namespace_, NULL))
		errx(1, "out of memory");
	c.expr = ta_expr_compile(c.env, TA_CHECK_STRICT, text, strlen(text), &diags);
	if (!c.expr)
		errx(1, "%s: %s", text, diags.items[0].text);
	printf("| `%s` | %.0f ns |\n", text, measure(evaluate_condition, &c, 10000, rounds));
	ta_diags_done(&diags);
	ta_expr_free(c.expr);
	ta_eval_free(c.eval);
	ta_env_free(c.env);
}

/* ---- the rule book ------------------------------------------------------------------ */

static struct ta_rules *load_book(enum ta_builtin how_much)
{
	struct ta_rules *rules = ta_rules_new();
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;

	if (!rules || !ta_rules_add_builtin(rules, how_much, &err) ||
	    !ta_rules_finish(rules, &mistakes, &err))
		errx(1, "the rules: %s%s", err.text, mistakes.text ? mistakes.text : "");
	ta_rule_mistakes_done(&mistakes);
	return rules;
}

static bool load_and_free(void *ctx)
{
	(void)ctx;
	ta_rules_free(load_book(TA_BUILTIN_INDEX));
	return true;
}

struct evaluation {
	const struct ta_rules *rules;
	const json_t *snapshot;
};

static bool evaluate_book(void *ctx)
{
	static const struct ta_evaluate_options options = { 0 };
	struct evaluation *e = ctx;
	json_t *report = NULL;
	bool ok = ta_rules_evaluate(e->rules, e->snapshot, &options, &report, NULL);

	json_decref(report);
	return ok;
}

static void measure_book(enum ta_builtin how_much, const char *how, const json_t *snapshot,
			 const char *what, size_t rounds)
{
	struct ta_rules *rules = load_book(how_much);
	struct evaluation e = { rules, snapshot };

	printf("| all rules%s, %s | %.0f µs |\n", how, what,
	       measure(evaluate_book, &e, 10, rounds) / 1000);
	ta_rules_free(rules);
}

static size_t count_rules(void)
{
	struct ta_rules *rules = load_book(TA_BUILTIN_WHOLE);
	json_t *all = ta_rules_describe(rules);
	size_t count = json_array_size(all);

	json_decref(all);
	ta_rules_free(rules);
	return count;
}

/* ---- snapshots ---------------------------------------------------------------------- */

static json_t *load_snapshot(const char *path)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_INPUT);
	struct ta_error err = TA_ERROR_INIT;
	json_t *json;

	if (!ta_file_read(AT_FDCWD, path, &text, &err))
		errx(1, "%s", err.text);
	json = json_loadb(ta_buf_cstr(&text), text.len, 0, NULL);
	if (!json)
		errx(1, "%s is no JSON", path);
	return json;
}

/* A destination like this one, to which nothing but one connection goes. */
static json_t *quiet_copy(const json_t *destination)
{
	json_t *copy = json_deep_copy(destination);

	json_object_set_new(copy, "ports_used", json_integer(1));
	json_object_set_new(copy, "established", json_integer(1));
	json_object_set_new(copy, "time_wait", json_integer(0));
	return copy;
}

/* The same host as one that talks to many. */
static json_t *widen(const json_t *snapshot)
{
	json_t *wide = json_deep_copy(snapshot);
	json_t *ns = json_array_get(json_object_get(wide, "namespaces"), 0);
	json_t *list = json_object_get(ns, "destinations");
	json_t *model = json_array_get(list, 0);

	while (model && json_array_size(list) < WIDE)
		json_array_append_new(list, quiet_copy(model));
	return wide;
}

int main(int argc, char **argv)
{
	static const char last[] = ", compiled with the evaluation";
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 51;
	struct ta_vocabulary words = { 0 };
	json_t *snapshot, *wide, *ns;
	char many[64];

	if (argc < 2 || rounds == 0 || rounds > MAX_ROUNDS)
		errx(64, "usage: rules SNAPSHOT [ROUNDS up to %d]", MAX_ROUNDS);
	if (!ta_vocabulary_init(&words, NULL))
		errx(1, "out of memory");
	snapshot = load_snapshot(argv[1]);
	wide = widen(snapshot);
	ns = json_array_get(json_object_get(snapshot, "namespaces"), 0);
	snprintf(many, sizeof(many), "the same with %d destinations", WIDE);
	printf("%zu rules\n\n| what | CPU time |\n| --- | ---: |\n", count_rules());
	for (size_t i = 0; i < TA_ARRAY_SIZE(conditions); i++)
		measure_condition(&words, ns, conditions[i], rounds);
	measure_book(TA_BUILTIN_WHOLE, "", snapshot, "the snapshot", rounds);
	measure_book(TA_BUILTIN_WHOLE, "", wide, many, rounds);
	measure_book(TA_BUILTIN_INDEX, last, snapshot, "the snapshot", rounds);
	printf("| loading the rules | %.1f ms |\n",
	       measure(load_and_free, NULL, 1, rounds) / 1000000);
	json_decref(wide);
	json_decref(snapshot);
	ta_vocabulary_done(&words);
	return 0;
}
