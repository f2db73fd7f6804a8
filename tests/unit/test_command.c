/* Unit tests of src/import/command.c: what was typed, behind which prompt; of pause.c: how long it
 * waited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "import/command.h"
#include "import/pause.h"

static struct ta_slice slice(const char *text)
{
	return ta_slice(text, strlen(text));
}

/* The words of the program, joined by blanks. */
static const char *words_of(const struct ta_command *command)
{
	static char joined[TA_COMMAND_TEXT];

	joined[0] = '\0';
	for (size_t i = 0; i < command->count; i++) {
		strcat(joined, i ? " " : "");
		strncat(joined, command->words[i].data, command->words[i].len);
	}
	return joined;
}

static void a_command_line_is_found(void **state)
{
	static const struct {
		const char *line, *words; /* NULL: it is none */
	} rows[] = {
		{ "# ss -tan", "ss -tan" },
		{ "$ netstat -s", "netstat -s" },
		{ "#ss -s", "ss -s" },
		{ "root@web-1:~# dmesg -T", "dmesg -T" },
		{ "[root@web-1 ~]# nstat -az", "nstat -az" },
		{ "bash-5.1$ ulimit -n", "ulimit -n" },
		{ "/ # cat /proc/net/sockstat", "cat /proc/net/sockstat" },
		{ "user@host:/var/log (main) $ ls /proc/7/fd", "ls /proc/7/fd" },
		{ "+ sysctl -a", "sysctl -a" },
		{ "ss -tan", "ss -tan" },
		{ "dmesg", "dmesg" },
		{ "/usr/sbin/ss -ltn", "ss -ltn" },
		{ "sysctl net.core.somaxconn", "sysctl net.core.somaxconn" },
		{ "$ ./start-everything", "start-everything" },
		{ "# sudo -n ss -tanp", "ss -tanp" },
		{ "# sudo -u app FOO=1 ss -t", "ss -t" },
		{ "# ip netns exec blue ss -s", "ss -s" },
		{ "# docker exec -it web ss -ltn", "ss -ltn" },
		{ "# kubectl exec -n shop -c app pod-1 -- cat /proc/net/tcp", "cat /proc/net/tcp" },
		{ "# nsenter -t 4711 -n ss -tan", "ss -tan" },
		{ "# sh -c 'ss -tan | head'", "ss -tan" },
		{ "ansible fleet -o -a 'sudo netstat -pnt | grep FIN_WAIT2 | wc -l'",
		  "netstat -pnt" },
		{ "# ssh web-1 netstat -ant", "netstat -ant" },
		{ "# watch -n 1 'ss -s'", "ss -s" },
		{ "# timeout 5 ss -s", "ss -s" },
		{ "# the load was high", NULL },
		{ "# net.core.somaxconn = 128", NULL },
		{ "net.core.somaxconn = 128", NULL },
		{ "sysctl net.core.somaxconn=128 was set", NULL },
		{ "45:M 16 Mar 11:02:12.945 # WARNING: The TCP backlog", NULL },
		{ "ss shows many sockets", NULL },
		{ "tcp        0      0 10.0.0.1:80  10.0.0.2:40000 TIME_WAIT", NULL },
		{ "", NULL },
		{ "$", NULL },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct ta_command command;
		bool found = ta_command_find(slice(rows[i].line), &command);

		if (found != (rows[i].words != NULL))
			fail_msg("\"%s\": %s", rows[i].line, found ? "found" : "not found");
		if (found)
			assert_string_equal(words_of(&command), rows[i].words);
	}
}

static void what_a_pipeline_does_is_told(void **state)
{
	static const struct {
		const char *text;
		bool picks, counts, tallies;
	} rows[] = {
		{ "ss -tan", false, false, false },
		{ "ss -tan | grep tcp", false, false, false },
		{ "netstat -ant | grep '^tcp' | less", false, false, false },
		{ "ss -tan | grep CLOSE-WAIT", true, false, false },
		{ "ss -tan | head -20", true, false, false },
		{ "ss -tan state close-wait | wc -l", false, true, false },
		{ "netstat -ant | grep -c TIME_WAIT", true, true, false },
		{ "netstat -ant | awk '{++S[$NF]} END {for (a in S) print a, S[a]}'", false, false,
		  true },
		{ "netstat -ant | awk '{print $6}' | sort | uniq -c | sort -rn", false, false,
		  true },
		{ "netstat -ant | grep :443 | awk '{print $6}' | sort | uniq -c", true, false,
		  true },
		{ "netstat -ant | awk '/:443/ {print $6}' | sort | uniq -c", true, false, true },
		{ "nstat -az; sleep 10; nstat -az", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct ta_command command;

		assert_true(ta_command_parse(slice(rows[i].text), &command));
		if (command.picks != rows[i].picks || command.counts != rows[i].counts ||
		    command.tallies != rows[i].tallies)
			fail_msg("%s: picks %d, counts %d, tallies %d", rows[i].text, command.picks,
				 command.counts, command.tallies);
	}
}

static void arguments_are_asked_for(void **state)
{
	struct ta_command command, copy;

	(void)state;
	assert_true(ta_command_parse(slice("ip netns exec blue ss -tan4 --no-header state x"),
				     &command));
	ta_command_copy(&copy, &command);
	memset(&command, 0, sizeof(command));
	assert_true(ta_command_is(&copy, "ss"));
	assert_false(ta_command_is(&copy, "ip"));
	assert_true(ta_slice_equals(copy.netns, "blue"));
	assert_true(ta_command_has(&copy, 'a', "--all"));
	assert_true(ta_command_has(&copy, 'H', "--no-header"));
	assert_false(ta_command_has(&copy, 'l', "--listening"));
	assert_true(ta_command_says(&copy, "state"));
	assert_false(ta_command_says(&copy, "ss"));
}

static void the_namespace_is_told(void **state)
{
	static const struct {
		const char *line, *netns;
	} rows[] = {
		{ "ip netns exec blue ip -s link", "blue" },
		{ "ip -n blue -s link", "blue" },
		{ "ip -s -netns blue link", "blue" },
		{ "tc -n blue -s qdisc", "blue" },
		{ "ss -tan -N blue", "blue" },
		{ "ss --net=blue -s", "blue" },
		{ "ss -tan -n", "" },
		{ "netstat -N blue", "" },
		{ "tc -s qdisc -n", "" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct ta_command command;

		assert_true(ta_command_parse(slice(rows[i].line), &command));
		if (!ta_slice_equals(command.netns, rows[i].netns))
			fail_msg("'%s' is in '%.*s'", rows[i].line, (int)command.netns.len,
				 command.netns.data);
	}
}

static void the_file_that_is_printed_is_told(void **state)
{
	static const struct {
		const char *text, *file;
	} rows[] = {
		{ "cat /proc/net/tcp", "/proc/net/tcp" },
		{ "grep TCP: /proc/net/sockstat", "/proc/net/sockstat" },
		{ "head -3 /proc/net/netstat", "/proc/net/netstat" },
		{ "cat /proc/net/tcp /proc/net/tcp6", "" },
		{ "cat /proc/net/tcp 2>/dev/null", "/proc/net/tcp" },
		{ "cat /proc/net/tcp 2> /dev/null", "/proc/net/tcp" },
		{ "cat /proc/net/tcp 2>&1", "/proc/net/tcp" },
		{ "ls /proc/7/fd", "" },
		{ "cat", "" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct ta_command command;

		assert_true(ta_command_parse(slice(rows[i].text), &command));
		assert_true(ta_slice_equals(ta_command_file(&command), rows[i].file));
	}
}

static void what_does_not_fit_is_none(void **state)
{
	char text[TA_COMMAND_TEXT + 1];
	struct ta_command command;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "ss ", 3);
	assert_false(ta_command_parse(ta_slice(text, TA_COMMAND_TEXT), &command));
	assert_true(ta_command_parse(ta_slice(text, TA_COMMAND_TEXT - 1), &command));
	assert_false(ta_command_parse(ta_slice("  ", 2), &command));
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "'\"", 2); /* quotes that nothing ends */
	assert_true(ta_command_parse(ta_slice(text, TA_COMMAND_TEXT - 1), &command));
}

static void the_time_between_two_runs_is_told(void **state)
{
	static const struct {
		const char *line;
		double seconds;
	} rows[] = {
		{ "nstat -az; sleep 10; nstat -az", 10 },
		{ "nstat -az ;sleep 10s;nstat -az;", 10 },
		{ "netstat -s && sleep 2m && netstat -s", 120 },
		{ "nstat -az | grep Listen; sleep 5; nstat -az | grep Listen", 5 },
		{ "sudo sh -c 'nstat -az; sleep 86400; nstat -az'", 86400 },
		{ "ip netns exec a nstat -az; sleep 1h; ip netns exec a nstat -az", 3600 },
		{ "ip netns exec a nstat -az; sleep 5; ip netns exec b nstat -az", 0 },
		{ "nstat -az; sleep 5; netstat -s", 0 },
		{ "nstat -az; sleep 0; nstat -az", 0 },
		{ "nstat -az; sleep 86401; nstat -az", 0 },
		{ "nstat -az; sleep 18446744073709551615h; nstat -az", 0 },
		{ "nstat -az; sleep -5; nstat -az", 0 },
		{ "nstat -az; sleep 5 5; nstat -az", 0 },
		{ "nstat -az; sleep; nstat -az", 0 },
		{ "nstat -az; sleep s; nstat -az", 0 },
		{ "nstat -az; sleep $T; nstat -az", 0 },
		{ "nstat -az; ab -n 1000 http://web/; nstat -az", 0 },
		{ "nstat -az; sleep 5; ab -n 1000 http://web/; nstat -az", 0 },
		{ "nstat -az; sleep 5; nstat -az; sleep 5; nstat -az", 0 },
		{ "nstat -az; sleep 5", 0 },
		{ "sleep 5; nstat -az", 0 },
		{ "nstat -az 'x; sleep 5; nstat -az", 0 },
		{ "nstat -az", 0 },
		{ ";sleep 5;", 0 },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct ta_command command, copy;

		ta_command_parse(slice(rows[i].line), &command);
		ta_command_copy(&copy, &command);
		memset(&command, 0, sizeof(command));
		if (ta_command_waits_s(&copy) != rows[i].seconds)
			fail_msg("'%s' waits %g s", rows[i].line, ta_command_waits_s(&copy));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_line_is_found),
		cmocka_unit_test(what_a_pipeline_does_is_told),
		cmocka_unit_test(arguments_are_asked_for),
		cmocka_unit_test(the_namespace_is_told),
		cmocka_unit_test(the_file_that_is_printed_is_told),
		cmocka_unit_test(the_time_between_two_runs_is_told),
		cmocka_unit_test(what_does_not_fit_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
