/* selection.c - see selection.h. From the sources of iproute2 (misc/ss.c), net-tools (netstat.c)
 * and the manuals of the others. */
#include "import/readers/selection.h"

#include <string.h>

#include "base/macros.h"
#include "import/line.h"
#include "snapshot/states.h"

enum effect {
	END, /* of a table */
	NOTHING,
	ALL_STATES,
	LISTENERS,
	TCP,
	OTHER, /* another protocol */
	IPV4,
	IPV6,
	PICKS,    /* a filter */
	FAMILY,   /* its argument is a family: inet, inet6, unix */
	PROTOCOL, /* its argument is a protocol, or a list of them: tcp, udp, inet, all */
	HEADLESS,
	QUEUELESS,
	TIMERS,
	WIDE,
	DETAILS,
	NO_LISTING, /* statistics, routes, help */
};

struct option {
	const char *name; /* NULL: it has no long form */
	enum effect effect;
	char letter; /* 0: it has no short form */
	bool argument;
};

/* What is not here changes nothing of what is listed. */
static const struct option ss_options[] = {
	{ "--all", ALL_STATES, 'a', false },
	{ "--listening", LISTENERS, 'l', false },
	{ "--tcp", TCP, 't', false },
	{ "--udp", OTHER, 'u', false },
	{ "--unix", OTHER, 'x', false },
	{ "--raw", OTHER, 'w', false },
	{ "--dccp", OTHER, 'd', false },
	{ "--sctp", OTHER, 'S', false },
	{ "--mptcp", OTHER, 'M', false },
	{ "--packet", OTHER, '0', false },
	{ "--vsock", OTHER, 0, false },
	{ "--tipc", OTHER, 0, false },
	{ "--xdp", OTHER, 0, false },
	{ "--ipv4", IPV4, '4', false },
	{ "--ipv6", IPV6, '6', false },
	{ "--family", FAMILY, 'f', true },
	{ "--query", PROTOCOL, 'A', true },
	{ "--socket", PROTOCOL, 0, true },
	{ "--no-header", HEADLESS, 'H', false },
	{ "--no-queues", QUEUELESS, 'Q', false },
	{ "--options", TIMERS, 'o', false },
	{ "--extended", TIMERS, 'e', false },
	{ "--info", DETAILS, 'i', false },
	{ "--memory", DETAILS, 'm', false },
	{ "--summary", NO_LISTING, 's', false },
	{ "--diag", NO_LISTING, 'D', true },
	{ "--filter", PICKS, 'F', true },
	{ "--kill", NO_LISTING, 'K', false },
	{ "--net", NOTHING, 'N', true },
	{ NULL, END, 0, false },
};

static const struct option netstat_options[] = {
	{ "--all", ALL_STATES, 'a', false },
	{ "--listening", LISTENERS, 'l', false },
	{ "--tcp", TCP, 't', false },
	{ "--udp", OTHER, 'u', false },
	{ "--udplite", OTHER, 'U', false },
	{ "--sctp", OTHER, 'S', false },
	{ "--raw", OTHER, 'w', false },
	{ "--unix", OTHER, 'x', false },
	{ "--inet", IPV4, '4', false },
	{ "--inet6", IPV6, '6', false },
	{ "--ip", IPV4, 0, false },
	{ "--protocol", FAMILY, 'A', true },
	{ NULL, FAMILY, 'f', true },
	{ "--wide", WIDE, 'W', false },
	{ "--notrim", WIDE, 'T', false },
	{ "--statistics", NO_LISTING, 's', false },
	{ "--route", NO_LISTING, 'r', false },
	{ "--interfaces", NO_LISTING, 'i', false },
	{ "--groups", NO_LISTING, 'g', false },
	{ "--masquerade", NO_LISTING, 'M', false },
	{ NULL, END, 0, false },
};

/* The groups of scan_state() in ss.c. */
#define BIT(state) (1u << TA_TCP_##state)
#define CONNECTED  (TA_NOT_LISTEN & ~BIT(CLOSE))
#define BUCKET     (BIT(SYN_RECV) | BIT(TIME_WAIT))

static const struct {
	const char *name;
	uint32_t states;
} groups[] = {
	{ "all", TA_ALL_STATES },
	{ "connected", CONNECTED },
	{ "synchronized", CONNECTED & ~BIT(SYN_SENT) },
	{ "bucket", BUCKET },
	{ "big", TA_ALL_STATES & ~BUCKET },
};

/* What is gathered word by word. */
struct scan {
	struct ta_selection *selection;
	const struct option *options;
	const struct option *pending; /* its argument is the next word */
	bool tcp;
	bool all;      /* netstat: -a wins over -l wherever it stands; ss: the last of them does */
	bool named;    /* states were named: they take the place of the options */
	bool state;    /* the next word is one */
	bool excluded; /* it is not wanted */
};

static void take_family(struct scan *scan, struct ta_slice name)
{
	if (ta_slice_equals(name, "inet"))
		scan->selection->family |= TA_ONLY_IPV4;
	else if (ta_slice_equals(name, "inet6"))
		scan->selection->family |= TA_ONLY_IPV6;
	else
		scan->selection->others = true;
}

/* A list, or one name. What is no protocol (an interval, a redirection) changes nothing. */
static void take_protocols(struct scan *scan, struct ta_slice list)
{
	static const struct {
		const char *name;
		bool tcp, others;
	} protocols[] = {
		{ "tcp", true, false }, { "TCP", true, false }, { "tcp4", true, false },
		{ "udp", false, true }, { "UDP", false, true }, { "unix", false, true },
		{ "all", true, true },  { "inet", true, true }, { "raw", false, true },
	};

	while (list.len) {
		struct ta_slice name = ta_slice_cut(&list, ',');

		for (size_t i = 0; i < TA_ARRAY_SIZE(protocols); i++) {
			if (!ta_slice_equals(name, protocols[i].name))
				continue;
			scan->tcp |= protocols[i].tcp;
			scan->selection->others |= protocols[i].others;
		}
	}
}

static void apply(struct scan *scan, const struct option *option, struct ta_slice argument)
{
	struct ta_selection *selection = scan->selection;

	switch (option->effect) {
	case ALL_STATES:
		selection->states = TA_ALL_STATES;
		scan->all = true;
		break;
	case LISTENERS:
		if (!selection->netstat || !scan->all)
			selection->states = BIT(LISTEN);
		break;
	case TCP:
		scan->tcp = true;
		break;
	case OTHER:
		selection->others = true;
		break;
	case IPV4:
		selection->family |= TA_ONLY_IPV4;
		break;
	case IPV6:
		selection->family |= TA_ONLY_IPV6;
		break;
	case PICKS:
		selection->picked = true;
		break;
	case FAMILY:
		take_family(scan, argument);
		break;
	case PROTOCOL:
		take_protocols(scan, argument);
		break;
	case HEADLESS:
		selection->headless = true;
		break;
	case QUEUELESS:
		selection->queueless = true;
		break;
	case TIMERS:
		selection->timers = true;
		break;
	case WIDE:
		selection->wide = true;
		break;
	case DETAILS:
		selection->details = true;
		break;
	case NO_LISTING:
		selection->known = false;
		break;
	case NOTHING:
	case END:
		break;
	}
}

/* One option takes its argument from this word or the next. */
static void take_option(struct scan *scan, const struct option *option, struct ta_slice argument)
{
	if (option->argument && !argument.len)
		scan->pending = option;
	else
		apply(scan, option, argument);
}

static void take_letters(struct scan *scan, struct ta_slice letters)
{
	for (size_t i = 0; i < letters.len; i++) {
		const struct option *option = scan->options;

		while (option->effect && option->letter != letters.data[i])
			option++;
		if (!option->argument) {
			apply(scan, option, ta_slice(NULL, 0));
			continue;
		}
		take_option(scan, option, ta_slice(letters.data + i + 1, letters.len - i - 1));
		return;
	}
}

static void take_long(struct scan *scan, struct ta_slice word)
{
	struct ta_slice name = ta_slice_cut(&word, '=');

	for (const struct option *option = scan->options; option->effect; option++)
		if (option->name && ta_slice_equals(name, option->name))
			take_option(scan, option, word);
}

/* 0 when the word is no state. */
static uint32_t states_of(struct ta_slice word)
{
	const struct ta_state *state;

	for (size_t i = 0; i < TA_ARRAY_SIZE(groups); i++)
		if (ta_slice_equals(word, groups[i].name))
			return groups[i].states;
	state = ta_state_find(word.data, word.len);
	return state ? 1u << state->number & TA_ALL_STATES : 0;
}

static void take_state(struct scan *scan, struct ta_slice word)
{
	uint32_t *states = &scan->selection->states;
	uint32_t named = states_of(word);

	if (!named)
		scan->selection->picked = true;
	if (!scan->named)
		*states = scan->excluded ? TA_ALL_STATES : 0;
	*states = scan->excluded ? *states & ~named : *states | named;
	scan->named = true;
	scan->state = false;
}

/* A word that is no option: a state or an expression of ss, the protocol of BSD's -p, an interval.
 */
static void take_word(struct scan *scan, struct ta_slice word)
{
	bool excluded = ta_slice_equals(word, "exclude") || ta_slice_equals(word, "excl");

	if (memchr(word.data, '>', word.len))
		return; /* of the shell */
	if (scan->selection->netstat) {
		take_protocols(scan, word);
		return;
	}
	if (scan->state) {
		take_state(scan, word);
	} else if (excluded || ta_slice_equals(word, "state")) {
		scan->excluded = excluded;
		scan->state = true;
	} else {
		scan->selection->picked = true;
	}
}

static void take(struct scan *scan, struct ta_slice word)
{
	if (scan->pending) {
		apply(scan, scan->pending, word);
		scan->pending = NULL;
	} else if (ta_slice_begins(word, "--")) {
		take_long(scan, word);
	} else if (ta_slice_begins(word, "-")) {
		take_letters(scan, ta_slice(word.data + 1, word.len - 1));
	} else if (word.len) {
		take_word(scan, word);
	}
}

/* Who asks for one of these alone has seen that something is wrong with it. */
static bool is_suspect(uint32_t states)
{
	return !(states & (states - 1)) && !(states & (BIT(ESTABLISHED) | BIT(LISTEN)));
}

void ta_selection_find(const struct ta_command *command, struct ta_selection *ret)
{
	struct scan scan = { .selection = ret };

	memset(ret, 0, sizeof(*ret));
	ret->netstat = ta_command_is(command, "netstat");
	ret->known = ret->netstat || ta_command_is(command, "ss");
	if (!ret->known)
		return;
	scan.options = ret->netstat ? netstat_options : ss_options;
	ret->states = ret->netstat ? TA_NOT_LISTEN : CONNECTED & ~BUCKET;
	for (size_t i = 1; i < command->count; i++)
		take(&scan, command->words[i]);
	ret->suspect = scan.named && is_suspect(ret->states);
	if (!scan.tcp && ret->others)
		ret->states = 0;
	else if (!scan.tcp)
		ret->others = true;
	if (ret->family == (TA_ONLY_IPV4 | TA_ONLY_IPV6))
		ret->family = 0;
	if (!ret->known)
		memset(ret, 0, sizeof(*ret));
}

uint32_t ta_selection_covers(const struct ta_selection *selection, const struct ta_command *command)
{
	bool rows = command->picks || command->counts || command->tallies;

	if (selection->picked || rows || !selection->states)
		return 0;
	return selection->states | selection->family;
}
