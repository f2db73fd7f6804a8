/* Unit tests of memory that runs out while rules are compiled and evaluated, and plans are made: a
 * document is whole, or there is none. Each allocation fails once, whoever asks for it (the
 * linker's --wrap). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules/coverage.h"
#include "rules/rule.h"
#include "tcpadvise/advice.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static long until_failure = -1; /* -1: none */
static bool for_good;           /* all that follow fail, too */

static bool fails(void)
{
	if (until_failure < 0)
		return false;
	if (until_failure > 0) {
		until_failure--;
		return false;
	}
	if (!for_good)
		until_failure = -1;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

/* jansson's reader of text forgets a byte when the buffer of its words can't grow, and goes on.
 * Those buffers double from 16 bytes: while text is read behind our back, these sizes never fail.
 */
static bool words_grow;

static void *jansson_malloc(size_t size)
{
	if (words_grow && size > 16 && (size & (size - 1)) == 0)
		return __real_malloc(size);
	return __wrap_malloc(size);
}

static const char pack[] =
	"{\"pack\":\"p\",\"params\":{\"most\":{\"value\":10,\"basis\":\"test\"}},"
	"\"let\":{\"used\":\"l.queue\"},"
	"\"rules\":[{\"id\":\"queue\",\"class\":\"accept_queue_overflow\","
	"\"applies\":\"host.cpus > 0\",\"for_each\":{\"l\":\"ns.listeners.filter(x, x.port != "
	"22)\"},"
	"\"where\":\"l.local != 'a' + 'b'\",\"let\":{\"pct\":\"used * 100 / l.backlog\"},"
	"\"severity\":[{\"level\":\"warning\",\"when\":\"pct > params.most\"}],\"rank\":\"pct\","
	"\"confidence\":[{\"level\":\"low\",\"when\":\"used > 1000\"},{\"level\":\"medium\"}],"
	"\"object\":\"{{l.local}}\",\"title\":\"{{l.local}} is at {{pct}} %\","
	"\"diagnosis\":\"{{used > 0 ? 'full' : 'empty'}} {{l.unit}}\","
	"\"evidence\":[{\"label\":\"queue\",\"value\":\"used\",\"limit\":\"l.backlog\","
	"\"source\":\"sock_diag\"},{\"label\":\"all\",\"value\":\"[1, 2].map(n, n * pct)\","
	"\"when\":\"pct > 1\",\"source\":\"sock_diag\"}],"
	"\"passed\":\"{{l.local}} with {{used}}\",\"passed_empty\":\"no listener\","
	"\"fixes\":[{\"kind\":\"sysctl\",\"title\":\"raise\",\"text\":\"x\",\"risk\":\"low\","
	"\"effect\":\"e\",\"verify\":\"v\",\"set\":{\"net.core.somaxconn\":\"{{l.backlog * 2}}\"}},"
	"{\"kind\":\"limit\",\"title\":\"more\",\"text\":\"x\",\"risk\":\"high\","
	"\"effect\":\"e\",\"verify\":\"v\",\"limit\":{\"name\":\"nofile\",\"soft\":\"8\","
	"\"hard\":\"9\",\"pid\":\"{{l.port}}\"}},"
	"{\"kind\":\"service\",\"title\":\"restart\",\"text\":\"x\",\"risk\":\"low\","
	"\"effect\":\"e\",\"verify\":\"v\",\"when\":\"used > 1\","
	"\"commands\":{\"shell\":[\"restart {{l.port}}\",\"ss -ltn {{l.unit}}\"]}}],"
	"\"avoid\":[{\"setting\":\"x\",\"why\":\"{{l.port}}\"}],\"references\":[]}]}";

static const char snapshot_text[] =
	"{\"schema\":\"tcpadvise.snapshot/1\",\"taken_at\":\"2026-01-01T00:00:00Z\","
	"\"host\":{\"cpus\":4,\"name\":\"web\"},\"namespaces\":[{\"inode\":1,\"name\":\"current\","
	"\"sysctl\":{\"net.core.somaxconn\":128},\"sockets\":{\"listen\":2},\"listeners\":["
	"{\"local\":\"*:80\",\"port\":80,\"queue\":14,\"backlog\":20},"
	"{\"local\":\"*:81\",\"port\":81,\"queue\":1,\"backlog\":20}]},"
	"{\"inode\":2,\"name\":\"b\",\"listeners\":[]},{\"inode\":3,\"name\":\"c\"}],"
	"\"processes\":[{\"pid\":80,\"name\":\"n\",\"uid\":3,\"nofile_soft\":4,"
	"\"nofile_hard\":9}],"
	"\"evidence\":{\"sources\":[{\"fact\":\"namespaces[].listeners[].queue\",\"key\":\"*:80\","
	"\"from\":\"a\",\"line\":3},{\"fact\":\"namespaces\",\"from\":\"a\",\"line\":4}]},"
	"\"gaps\":[]}";

/* A book of the pack, with one allocation that fails behind its reading (jansson takes a string
 * that it has no memory for to be a mistake). NULL with *err; the pack is never what is wrong. */
static struct ta_rules *book_of(long failure, struct ta_error *err)
{
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_rules *rules = ta_rules_new();
	bool ok;

	assert_true(ta_rules_add_text(rules, "p.json", pack, strlen(pack), err));
	rules->thorough = true;
	until_failure = failure;
	ok = ta_rules_finish(rules, &mistakes, err);
	if (mistakes.count)
		fail_msg("%s", mistakes.text);
	ta_rule_mistakes_done(&mistakes);
	return ok ? rules : ta_rules_free(rules);
}

/* Whether an allocation failed since; none does from now on. */
static bool has_failed(void)
{
	bool failed = until_failure < 0;

	until_failure = -1;
	return failed;
}

/* Most of the allocations are for the types of the snapshot: steps of a prime keep it short. */
static void a_book_is_whole_or_there_is_none(void **state)
{
	bool failed = true;

	(void)state;
	ta_rules_free(book_of(-1, NULL)); /* loads the catalogues */
	words_grow = true;                /* the schema of packs is read each time */
	for (long failure = 0; failed; failure += 13) {
		struct ta_error err = TA_ERROR_INIT;
		struct ta_rules *rules = book_of(failure, &err);

		failed = has_failed();
		if (!rules)
			assert_int_equal(err.code, TA_E_NOMEM);
		else if (failed)
			fail_msg("the book does without allocation %ld", failure);
		ta_rules_free(rules);
	}
	words_grow = false;
}

/* What is asked for with a snapshot and a book: a document, or none. */
typedef bool make_fn(const struct ta_rules *rules, const json_t *snapshot, json_t **ret,
		     struct ta_error *err);

static bool make_report(const struct ta_rules *rules, const json_t *snapshot, json_t **ret,
			struct ta_error *err)
{
	const struct ta_evaluate_options options = { .now_ms = INT64_C(1760000000000) };

	return ta_rules_evaluate(rules, snapshot, &options, ret, err);
}

static bool make_plan(const struct ta_rules *rules, const json_t *snapshot, json_t **ret,
		      struct ta_error *err)
{
	const struct ta_plan_options options = { .least = TA_SEVERITY_WARNING };

	return ta_plan(rules, snapshot, &options, ret, err);
}

static bool make_assumed(const struct ta_rules *rules, const json_t *snapshot, json_t **ret,
			 struct ta_error *err)
{
	json_t *assumption = NULL, *list = json_array();
	bool ok;

	(void)rules;
	ok = ta_assumption_parse("net.core.somaxconn@current=4096", &assumption, err) &&
	     (json_array_append_new(list, assumption) == 0 || ta_fail(err, TA_E_NOMEM, "list")) &&
	     ta_assumption_parse("nofile@80=4096", &assumption, err) &&
	     (json_array_append_new(list, assumption) == 0 || ta_fail(err, TA_E_NOMEM, "list")) &&
	     ta_assume(snapshot, list, ret, err);
	json_decref(list);
	return ok;
}

/* Each allocation fails once: the document is the whole one, or there is none and memory is what
 * was missing. */
static void check_is_whole(make_fn *make, long least)
{
	json_t *snapshot = json_loads(snapshot_text, 0, NULL), *whole = NULL;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_rules *rules = book_of(-1, &err);
	bool failed = true;
	long failure = 0;

	assert_true(make(rules, snapshot, &whole, &err));
	for (; failed; failure++) {
		json_t *document = NULL;

		err = TA_ERROR_INIT;
		until_failure = failure;
		make(rules, snapshot, &document, &err);
		failed = has_failed();
		if (!document)
			assert_int_equal(err.code, TA_E_NOMEM);
		else if (!json_equal(document, whole))
			fail_msg("allocation %ld: %s", failure, json_dumps(document, 0));
		json_decref(document);
	}
	assert_true(failure > least);
	json_decref(whole);
	json_decref(snapshot);
	ta_rules_free(rules);
}

static void a_report_is_whole_or_there_is_none(void **state)
{
	(void)state;
	check_is_whole(make_report, 300);
}

static void a_plan_is_whole_or_there_is_none(void **state)
{
	(void)state;
	check_is_whole(make_plan, 1000);
}

static void what_is_assumed_is_whole_or_not_there(void **state)
{
	(void)state;
	check_is_whole(make_assumed, 100);
}

/* Samples are put behind each other; where there is no memory for the ones before, there is an
 * end. */
static void samples_have_an_end(void **state)
{
	struct ta_coverage coverage;
	json_t *sample = json_object();

	(void)state;
	ta_coverage_init(&coverage);
	coverage.samples = json_array();
	until_failure = 0;
	for_good = true;
	ta_coverage_sample(&coverage, 100, sample);
	until_failure = -1;
	for_good = false;
	assert_true(coverage.failed);
	json_decref(coverage.samples);
	json_decref(sample);
	ta_coverage_done(&coverage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_book_is_whole_or_there_is_none),
		cmocka_unit_test(a_report_is_whole_or_there_is_none),
		cmocka_unit_test(a_plan_is_whole_or_there_is_none),
		cmocka_unit_test(what_is_assumed_is_whole_or_not_there),
		cmocka_unit_test(samples_have_an_end),
	};

	json_set_alloc_funcs(jansson_malloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
