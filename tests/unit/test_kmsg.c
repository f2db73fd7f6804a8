/* Unit tests of the reading of /dev/kmsg: collect/kmsg.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/macros.h"
#include "collect/kmsg.h"
#include "snapshot/kernel_log.h"

/* ---- records ---- */

static const struct {
	const char *line;
	bool of_kernel, whole;
	int64_t time_us;
	const char *text;
} records[] = {
	{ "6,339,5140900,-;TCP: too many orphaned sockets", true, true, 5140900,
	  "TCP: too many orphaned sockets" },
	{ "4,1,0,-,caller=T12;text", true, true, 0, "text" }, /* CONFIG_PRINTK_CALLER, 5.1 */
	{ "6,1,7,c;torn", true, false, 7, "torn" },
	{ "6,1,7,+;torn", true, false, 7, "torn" },
	{ "6,1,7,-;a\\x0ab\\x5cx41\\x5", true, true, 7, "a\nb\\x41\\x5" },
	{ "6,1,7,-;", true, true, 7, "" },
	{ "6,1,7,-;a;b,c", true, true, 7, "a;b,c" },
	{ "7,1,7,-;debug", true, true, 7, "debug" },
	{ "8,1,7,-;of a user", false, true, 7, "" },
	{ "14,1,7,-;of a user", false, true, 7, "" }, /* facility 1, level 6: echo >/dev/kmsg */
	{ "30,1,7,-;systemd[1]: of a daemon", false, true, 7, "" },
};

static void records_are_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(records); i++) {
		struct ta_kmsg_record record;

		if (!ta_kmsg_decode(records[i].line, strlen(records[i].line), &record))
			fail_msg("not decoded: %s", records[i].line);
		if (record.of_kernel != records[i].of_kernel || record.whole != records[i].whole ||
		    record.time_us != records[i].time_us || record.len != strlen(records[i].text) ||
		    memcmp(record.text, records[i].text, record.len) != 0)
			fail_msg("misread: %s", records[i].line);
	}
}

static const char *const malformed[] = {
	"",
	";",
	"text alone",
	"6,1,7;too few",
	"6,1,7,;no flag",
	"-6,1,7,-;x",
	"6,,7,-;x",
	"6,1,-7,-;x",
	"6,1,99999999999999999999,-;x",
	"6,1,9999999999999999999,-;x",
	"<6>TCP: too many orphaned sockets",
	"[    5.140900] TCP: too many orphaned sockets",
};

static void other_lines_are_refused(void **state)
{
	struct ta_kmsg_record record;

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(malformed); i++)
		if (ta_kmsg_decode(malformed[i], strlen(malformed[i]), &record))
			fail_msg("decoded: %s", malformed[i]);
}

static void long_texts_are_no_text(void **state)
{
	struct ta_kmsg_record record;
	char line[4000];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "6,1,7,-;", 8);
	assert_true(ta_kmsg_decode(line, 8 + sizeof(record.text), &record));
	assert_int_equal(record.len, sizeof(record.text));
	assert_true(ta_kmsg_decode(line, 9 + sizeof(record.text), &record));
	assert_int_equal(record.len, 0);
}

/* ---- a whole log ---- */

struct host {
	char path[64];
	struct ta_root root;
	uint64_t now_us, step_us; /* of the clock: each look moves it on */
	struct ta_clock clock;
};

static uint64_t read_clock(void *ctx)
{
	struct host *host = ctx;

	return host->now_us += host->step_us;
}

static int make_host(void **state)
{
	struct host *host = calloc(1, sizeof(*host));
	struct ta_error err = TA_ERROR_INIT;
	char path[128];

	if (!host)
		return -1;
	strcpy(host->path, "/tmp/tcpadvise-test-XXXXXX");
	if (!mkdtemp(host->path))
		return -1;
	snprintf(path, sizeof(path), "%s/proc", host->path);
	host->clock = (struct ta_clock){ .monotonic_us = read_clock, .ctx = host };
	*state = host;
	if (mkdir(path, 0700) < 0)
		return -1;
	return ta_root_open(&host->root, host->path, &err) ? 0 : -1;
}

static int remove_host(void **state)
{
	struct host *host = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/kmsg", host->path);
	unlink(path);
	snprintf(path, sizeof(path), "%s/proc", host->path);
	rmdir(path);
	rmdir(host->path);
	ta_root_done(&host->root);
	free(host);
	return 0;
}

static void put_log(struct host *host, const char *text, size_t len)
{
	struct ta_error err = TA_ERROR_INIT;
	char path[128];

	snprintf(path, sizeof(path), "%s/kmsg", host->path);
	if (!ta_file_write_atomic(path, text, len, &err))
		fail_msg("%s", err.text);
}

/* The document, with members kernel_log and gaps. */
static json_t *read_log(struct host *host, int64_t now_us)
{
	struct ta_builder builder;
	json_t *document = NULL;

	ta_builder_init(&builder);
	ta_kmsg_build(&host->root, &host->clock, now_us, &builder);
	assert_true(ta_builder_finish(&builder, &document, NULL));
	ta_builder_done(&builder);
	return document;
}

static void expect_log(struct host *host, int64_t now_us, const char *text)
{
	json_t *found = read_log(host, now_us), *expected = json_loads(text, 0, NULL);
	char *dump = json_dumps(found, JSON_COMPACT);

	assert_non_null(expected);
	if (!json_equal(found, expected))
		fail_msg("expected %s, found %s", text, dump);
	free(dump);
	json_decref(expected);
	json_decref(found);
}

static void expect_text(struct host *host, const char *log, const char *text)
{
	put_log(host, log, strlen(log));
	expect_log(host, 10000000, text);
}

#define ORPHANS "TCP: too many orphaned sockets"
#define ORPHANS_ROW(count, age)                                                                    \
	"{\"event\":\"too_many_orphans\",\"count\":" count ",\"text\":\"" ORPHANS                  \
	"\",\"age_s\":" age "}"

static void a_log_is_folded(void **state)
{
	expect_text(*state,
		    "5,0,0,-;Linux version 6.1\n"
		    "6,1,1000000,-;" ORPHANS "\n"
		    " SUBSYSTEM=net\n"
		    " DEVICE=6,1,1,-;" ORPHANS "\n"
		    "6,2,4000000,-;" ORPHANS "\n"
		    "30,3,5000000,-;systemd[1]: Started.\n",
		    "{\"kernel_log\":[" ORPHANS_ROW("2", "6.0") "],\"gaps\":[]}");
	expect_text(*state, "5,0,0,-;Linux version 6.1\n", "{\"kernel_log\":[],\"gaps\":[]}");
	expect_text(*state, "", "{\"kernel_log\":[],\"gaps\":[]}");
	expect_text(*state, "6,1,1,-;Linux\n6,2,7000000,-;" ORPHANS, /* no line break */
		    "{\"kernel_log\":[" ORPHANS_ROW("1", "3.0") "],\"gaps\":[]}");
}

static void nobody_but_the_kernel_is_believed(void **state)
{
	expect_text(*state,
		    "14,1,1,-;" ORPHANS "\n" /* echo '<6>TCP: ...' >/dev/kmsg */
		    "12,2,2,-;nf_conntrack: table full, dropping packet\n"
		    "6,3,3,c;" ORPHANS "\n"
		    "6,4,4,+;" ORPHANS "\n"
		    "3,5,5,-;overlayfs: failed to resolve 'x\\x0a" ORPHANS "\\x0a6,6,6,-;" ORPHANS
		    "\\x0a': -2\n"
		    "6,6,6,-;TCP: too many o[77]: segfault at 0 ip 0 sp 0 error 4\n",
		    "{\"kernel_log\":[],\"gaps\":[]}");
}

static void nonsense_is_counted(void **state)
{
	struct host *host = *state;
	const size_t size = 200000;
	char *text = malloc(size);

	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text + 65536, ";6,1,1,-;" ORPHANS "\n", 10 + sizeof(ORPHANS) - 1);
	memcpy(text + size - 100, "\n6,1,9000000,-;" ORPHANS "\nfoo\n\n", 21 + sizeof(ORPHANS) - 1);
	put_log(host, text, size - 100 + 21 + sizeof(ORPHANS) - 2 + 1);
	free(text);
	/* two lines that are too long, "foo" and an empty one */
	expect_log(host, 10000000,
		   "{\"kernel_log\":[" ORPHANS_ROW(
			   "1", "1.0") "],"
				       "\"gaps\":[{\"what\":\"4 lines of the kernel "
				       "log\",\"why\":\"they are not in "
				       "the form of /dev/kmsg\",\"facts\":[\"kernel_log\"]}]}");
}

static bool has_gap(const json_t *document, const char *what)
{
	size_t i;
	json_t *gap;

	json_array_foreach (json_object_get(document, "gaps"), i, gap)
		if (strstr(json_string_value(json_object_get(gap, "what")), what))
			return true;
	return false;
}

static void no_log_is_a_gap(void **state)
{
	struct host *host = *state;
	char path[128];
	json_t *document;

	expect_log(host, 0,
		   "{\"gaps\":[{\"what\":\"the kernel log\",\"why\":\"No such file or directory\","
		   "\"facts\":[\"kernel_log\"]}]}");
	snprintf(path, sizeof(path), "%s/kmsg", host->path);
	assert_int_equal(mkfifo(path, 0600), 0); /* a pipe without a writer does not hold us up */
	document = read_log(host, 0);
	assert_null(json_object_get(document, "kernel_log"));
	assert_true(has_gap(document, "the kernel log"));
	json_decref(document);
}

/* Whatever is written meanwhile: both bounds end the reading, and say so. */
static void an_endless_log_has_an_end(void **state)
{
	static const char line[] = "14,1,1,-;x\n";
	const size_t count = 300000, size = count * (sizeof(line) - 1);
	struct host *host = *state;
	char *text = malloc(size);
	json_t *document;

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * (sizeof(line) - 1), line, sizeof(line) - 1);
	put_log(host, text, size);
	document = read_log(host, 0);
	assert_true(has_gap(document, "the end of the kernel log"));
	assert_non_null(json_object_get(document, "kernel_log"));
	json_decref(document);
	put_log(host, text, size / 2);
	document = read_log(host, 0);
	assert_false(has_gap(document, "the end of the kernel log"));
	json_decref(document);
	host->step_us = 100000; /* a slow host */
	document = read_log(host, 0);
	assert_true(has_gap(document, "the end of the kernel log"));
	json_decref(document);
	free(text);
}

int main(void)
{
#define HOST_TEST(name) cmocka_unit_test_setup_teardown(name, make_host, remove_host)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_decoded),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(long_texts_are_no_text),
		HOST_TEST(a_log_is_folded),
		HOST_TEST(nobody_but_the_kernel_is_believed),
		HOST_TEST(nonsense_is_counted),
		HOST_TEST(no_log_is_a_gap),
		HOST_TEST(an_endless_log_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
