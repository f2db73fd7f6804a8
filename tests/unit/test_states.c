/* Unit tests of src/snapshot/states.c: every spelling of the table, and of no other state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "snapshot/states.h"
#include "snapshot/tunables.h"

/* Written down here once more, apart from the catalogue. Numbers: include/net/tcp_states.h. */
static const struct {
	const char *key;
	unsigned number;
	int snmp; /* RFC 1213, tcpConnState */
	const char *words[20];
} rows[] = {
	{ "established",
	  1,
	  5,
	  { "ESTABLISHED", "Estblsh", "Establsh", "ESTAB", "established", "01", "TCP_ESTABLISHED",
	    "estab" } },
	{ "syn_sent",
	  2,
	  3,
	  { "SYN-SENT", "SynSent", "syn-sent", "SYN_SENT", "synSent", "02", "syn sent" } },
	{ "syn_recv",
	  3,
	  4,
	  { "SYN-RECEIVED", "SynRcvd", "SYN-RECV", "syn-recv", "SYN_RECV", "SYN_RCVD",
	    "SYN_RECEIVED", "synReceived", "03", "TCP_SYN_RECV" } },
	{ "fin_wait1",
	  4,
	  6,
	  { "FIN-WAIT-1", "FinWt1", "FinWait1", "fin-wait-1", "FIN_WAIT1", "FIN_WAIT_1", "04",
	    "TCP_FIN_WAIT1" } },
	{ "fin_wait2",
	  5,
	  7,
	  { "FIN-WAIT-2", "FinWt2", "FinWait2", "fin-wait-2", "FIN_WAIT2", "FIN_WAIT_2", "05" } },
	{ "time_wait",
	  6,
	  11,
	  { "TIME-WAIT", "TimeWt", "TimeWait", "time-wait", "TIME_WAIT", "timeWait", "06",
	    "TCP_TIME_WAIT", "time wait", "TIMEWAIT" } },
	{ "close",
	  7,
	  1,
	  { "CLOSED", "Closed", "UNCONN", "closed", "unconnected", "CLOSE", "07", "TCP_CLOSE" } },
	{ "close_wait",
	  8,
	  8,
	  { "CLOSE-WAIT", "ClosWt", "ClosWait", "close-wait", "CLOSE_WAIT", "closeWait", "08" } },
	{ "last_ack", 9, 9, { "LAST-ACK", "LastAck", "last-ack", "LAST_ACK", "09" } },
	{ "listen",
	  10,
	  2,
	  { "LISTEN", "Listen", "listening", "LISTENING", "listen", "0A", "0a", "TCP_LISTEN" } },
	{ "closing", 11, 10, { "CLOSING", "Closing", "closing", "0B", "0b" } },
	{ "bound_inactive", 13, 0, { "bound-inactive", "BOUND_INACTIVE", "TCP_BOUND_INACTIVE" } },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct ta_state *find(const char *word)
{
	return ta_state_find(word, strlen(word));
}

static void every_spelling_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const struct ta_state *by_key = find(rows[i].key);

		if (!by_key)
			fail_msg("%s is not found", rows[i].key);
		assert_string_equal(by_key->key, rows[i].key);
		assert_int_equal(by_key->number, rows[i].number);
		assert_int_equal(json_integer_value(json_object_get(by_key->facts, "snmp")),
				 rows[i].snmp);
		for (size_t j = 0; rows[i].words[j]; j++)
			if (find(rows[i].words[j]) != by_key)
				fail_msg("%s is not %s", rows[i].words[j], rows[i].key);
	}
}

static void nothing_else_is_a_state(void **state)
{
	static const char *const others[] = {
		"",
		"-",
		"_ -",
		"6",
		"10",
		"0C",
		"0D",
		"00",
		"deleteTCB",
		"all",
		"bucket",
		"SYN",
		"time",
		"est",
		"wait",
		"establishedd",
		"fin_wait",
		"fin_wait3",
		"TCP_",
		"\x1b[2J",
		"close\xc2\xa0",
		"ｌisten",
		"a word that is much longer than any state of the table has ever been",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (find(others[i]))
			fail_msg("'%s' is taken for %s", others[i], find(others[i])->name);
	assert_null(ta_state_find("LISTEN\0", 7));
	assert_null(ta_state_find("LISTEN", 5));
	assert_non_null(ta_state_find("LISTENx", 6));
}

/* Every word in the catalogue leads to its own state: no spelling belongs to two. */
static void catalogue_agrees_with_itself(void **state)
{
	struct ta_error err = TA_ERROR_INIT;
	size_t count, i, j;
	const struct ta_state *states = ta_states(&count, &err);
	json_t *place, *word;

	(void)state;
	assert_non_null(states);
	assert_int_equal(count, ROWS);
	for (size_t s = 0; s < count; s++) {
		assert_ptr_equal(find(states[s].key), &states[s]);
		assert_ptr_equal(find(states[s].name), &states[s]);
		json_array_foreach (json_object_get(states[s].facts, "spellings"), i, place)
			json_array_foreach (json_object_get(place, "words"), j, word)
				assert_ptr_equal(find(json_string_value(word)), &states[s]);
		json_array_foreach (json_object_get(states[s].facts, "tunables"), i, word)
			if (!ta_tunable_find(json_string_value(word)))
				fail_msg("%s: no tunable %s", states[s].name,
					 json_string_value(word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_found),
		cmocka_unit_test(nothing_else_is_a_state),
		cmocka_unit_test(catalogue_agrees_with_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
