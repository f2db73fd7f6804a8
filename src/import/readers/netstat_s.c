/* netstat_s.c - "netstat -s" of net-tools: sections of English sentences with one number each.
 *
 * The sentences stand in statistics.c of net-tools; 1.60, the builds of the distributions and 2.10
 * differ in some words. A counter without a sentence is printed as "Name: value", one that is 0
 * mostly not at all: nothing follows from a counter that is not there. Sentences are in the
 * language of the locale, "Name: value" is not: a translated output gives the latter alone.
 *
 * Lines are often picked (| grep -i listen) and lose their section. Most sentences of TCP are said
 * by nobody else, so they count alone; the others ("12 connections established") only when it is
 * known whose they are. Those of IP need their section, for IPv6 has the same ones. */
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "import/readers/counter.h"
#include "snapshot/proc_net.h"

enum section {
	NO_SECTION,
	IP,
	ICMP,
	ICMP_IN,
	ICMP_OUT,
	TCP,
	TCP_EXT,
	IP_EXT,
	OTHER, /* nothing in it is asked for */
};

static const struct {
	const char *title;
	enum section section;
} titles[] = {
	{ "Ip:", IP },
	{ "Icmp:", ICMP },
	{ "ICMP input histogram:", ICMP_IN },
	{ "ICMP output histogram:", ICMP_OUT },
	{ "Tcp:", TCP },
	{ "TcpExt:", TCP_EXT },
	{ "IpExt:", IP_EXT },
	{ "IcmpMsg:", OTHER },
	{ "Udp:", OTHER },
	{ "UdpLite:", OTHER },
	{ "MPTcpExt:", OTHER },
	{ "Sctp:", OTHER },
	{ "Ip6:", OTHER },
	{ "Icmp6:", OTHER },
	{ "Udp6:", OTHER },
	{ "UdpLite6:", OTHER },
};

static const char *const groups[] = {
	[IP] = "Ip",   [ICMP] = "Icmp",      [ICMP_IN] = "Icmp", [ICMP_OUT] = "Icmp",
	[TCP] = "Tcp", [TCP_EXT] = "TcpExt", [IP_EXT] = "IpExt",
};

enum trust {
	SECTION, /* counts in its section only */
	TOOL,    /* counts when it is known to be of this tool */
	ALONE,   /* nobody else says so */
};

/* '#' is the number. A full stop at the end (1.60) does not count. */
static const struct sentence {
	enum section section;
	enum trust trust;
	const char *name, *text;
} sentences[] = {
	{ IP, SECTION, "InReceives", "# total packets received" },
	{ IP, SECTION, "InHdrErrors", "# with invalid headers" },
	{ IP, SECTION, "InAddrErrors", "# with invalid addresses" },
	{ IP, SECTION, "ForwDatagrams", "# forwarded" },
	{ IP, SECTION, "InUnknownProtos", "# with unknown protocol" },
	{ IP, SECTION, "InDiscards", "# incoming packets discarded" },
	{ IP, SECTION, "InDelivers", "# incoming packets delivered" },
	{ IP, SECTION, "OutRequests", "# requests sent out" },
	{ IP, SECTION, "OutDiscards", "# outgoing packets dropped" },
	{ IP, SECTION, "OutNoRoutes", "# dropped because of missing route" },
	{ IP, SECTION, "ReasmTimeout", "# fragments dropped after timeout" },
	{ IP, SECTION, "ReasmReqds", "# reassemblies required" },
	{ IP, SECTION, "ReasmOKs", "# packets reassembled ok" },
	{ IP, SECTION, "ReasmFails", "# packet reassembles failed" },
	{ IP, SECTION, "ReasmFails", "# packet reassemblies failed" },
	{ IP, SECTION, "FragOKs", "# fragments received ok" },
	{ IP, SECTION, "FragOKs", "# outgoing packets fragmented ok" },
	{ IP, SECTION, "FragFails", "# fragments failed" },
	{ IP, SECTION, "FragFails", "# outgoing packets failed fragmentation" },
	{ IP, SECTION, "FragCreates", "# fragments created" },

	{ ICMP_IN, SECTION, "InDestUnreachs", "destination unreachable: #" },
	{ ICMP_OUT, SECTION, "OutDestUnreachs", "destination unreachable: #" },

	{ TCP, ALONE, "ActiveOpens", "# active connections openings" },
	{ TCP, ALONE, "ActiveOpens", "# active connection openings" },
	{ TCP, TOOL, "ActiveOpens", "# active opens" },
	{ TCP, ALONE, "PassiveOpens", "# passive connection openings" },
	{ TCP, TOOL, "PassiveOpens", "# passive opens" },
	{ TCP, TOOL, "AttemptFails", "# failed connection attempts" },
	{ TCP, TOOL, "EstabResets", "# connection resets received" },
	{ TCP, TOOL, "CurrEstab", "# connections established" },
	{ TCP, TOOL, "InSegs", "# segments received" },
	{ TCP, ALONE, "OutSegs", "# segments send out" },
	{ TCP, ALONE, "OutSegs", "# segments sent out" },
	{ TCP, ALONE, "RetransSegs", "# segments retransmited" },
	{ TCP, ALONE, "RetransSegs", "# segments retransmitted" },
	{ TCP, ALONE, "InErrs", "# bad segments received" },
	{ TCP, TOOL, "OutRsts", "# resets sent" },

	{ TCP_EXT, ALONE, "SyncookiesSent", "# SYN cookies sent" },
	{ TCP_EXT, ALONE, "SyncookiesRecv", "# SYN cookies received" },
	{ TCP_EXT, ALONE, "SyncookiesFailed", "# invalid SYN cookies received" },
	{ TCP_EXT, ALONE, "EmbryonicRsts", "# resets received for embryonic SYN_RECV sockets" },
	{ TCP_EXT, ALONE, "PruneCalled",
	  "# packets pruned from receive queue because of socket buffer overrun" },
	{ TCP_EXT, ALONE, "RcvPruned", "# packets pruned from receive queue" },
	{ TCP_EXT, ALONE, "OfoPruned",
	  "# packets dropped from out-of-order queue because of socket buffer overrun" },
	{ TCP_EXT, ALONE, "OutOfWindowIcmps",
	  "# ICMP packets dropped because they were out-of-window" },
	{ TCP_EXT, ALONE, "LockDroppedIcmps", "# ICMP packets dropped because socket was locked" },
	{ TCP_EXT, ALONE, "TW", "# TCP sockets finished time wait in fast timer" },
	{ TCP_EXT, ALONE, "TWRecycled", "# time wait sockets recycled by time stamp" },
	{ TCP_EXT, ALONE, "TWKilled", "# TCP sockets finished time wait in slow timer" },
	{ TCP_EXT, ALONE, "PAWSPassive", "# passive connections rejected because of time stamp" },
	{ TCP_EXT, ALONE, "PAWSActive", "# active connections rejected because of time stamp" },
	{ TCP_EXT, ALONE, "PAWSEstab",
	  "# packets rejects in established connections because of timestamp" },
	{ TCP_EXT, ALONE, "PAWSEstab",
	  "# packetes rejected in established connections because of timestamp" },
	{ TCP_EXT, ALONE, "PAWSEstab",
	  "# packets rejected in established connections because of timestamp" },
	{ TCP_EXT, ALONE, "DelayedACKs", "# delayed acks sent" },
	{ TCP_EXT, ALONE, "DelayedACKLocked",
	  "# delayed acks further delayed because of locked socket" },
	{ TCP_EXT, ALONE, "DelayedACKLost", "Quick ack mode was activated # times" },
	{ TCP_EXT, ALONE, "ListenOverflows", "# times the listen queue of a socket overflowed" },
	{ TCP_EXT, ALONE, "ListenDrops", "# SYNs to LISTEN sockets ignored" },
	{ TCP_EXT, ALONE, "ListenDrops", "# SYNs to LISTEN sockets dropped" },
	{ TCP_EXT, ALONE, "TCPPrequeued", "# packets directly queued to recvmsg prequeue" },
	{ TCP_EXT, ALONE, "TCPDirectCopyFromBacklog", "# packets directly received from backlog" },
	{ TCP_EXT, ALONE, "TCPDirectCopyFromBacklog",
	  "# bytes directly in process context from backlog" },
	{ TCP_EXT, ALONE, "TCPDirectCopyFromPrequeue",
	  "# packets directly received from prequeue" },
	{ TCP_EXT, ALONE, "TCPDirectCopyFromPrequeue",
	  "# bytes directly received in process context from prequeue" },
	{ TCP_EXT, ALONE, "TCPPrequeueDropped", "# packets dropped from prequeue" },
	{ TCP_EXT, ALONE, "TCPHPHits", "# packets header predicted" },
	{ TCP_EXT, ALONE, "TCPHPHits", "# packet headers predicted" },
	{ TCP_EXT, ALONE, "TCPHPHitsToUser",
	  "# packets header predicted and directly queued to user" },
	{ TCP_EXT, ALONE, "TCPHPHitsToUser",
	  "# packet headers predicted and directly queued to user" },
	{ TCP_EXT, ALONE, "TCPPureAcks", "# acknowledgments not containing data received" },
	{ TCP_EXT, ALONE, "TCPPureAcks", "# acknowledgments not containing data payload received" },
	{ TCP_EXT, ALONE, "TCPHPAcks", "# predicted acknowledgments" },
	{ TCP_EXT, ALONE, "TCPRenoRecovery",
	  "# times recovered from packet loss due to fast retransmit" },
	{ TCP_EXT, ALONE, "TCPSackRecovery",
	  "# times recovered from packet loss due to SACK data" },
	{ TCP_EXT, ALONE, "TCPSackRecovery",
	  "# times recovered from packet loss by selective acknowledgements" },
	{ TCP_EXT, ALONE, "TCPSACKReneging", "# bad SACKs received" },
	{ TCP_EXT, ALONE, "TCPSACKReneging", "# bad SACK blocks received" },
	{ TCP_EXT, ALONE, "TCPFACKReorder", "Detected reordering # times using FACK" },
	{ TCP_EXT, ALONE, "TCPSACKReorder", "Detected reordering # times using SACK" },
	{ TCP_EXT, ALONE, "TCPTSReorder", "Detected reordering # times using time stamp" },
	{ TCP_EXT, ALONE, "TCPRenoReorder",
	  "Detected reordering # times using reno fast retransmit" },
	{ TCP_EXT, ALONE, "TCPFullUndo", "# congestion windows fully recovered" },
	{ TCP_EXT, ALONE, "TCPFullUndo",
	  "# congestion windows fully recovered without slow start" },
	{ TCP_EXT, ALONE, "TCPPartialUndo",
	  "# congestion windows partially recovered using Hoe heuristic" },
	{ TCP_EXT, ALONE, "TCPDSACKUndo", "# congestion window recovered using DSACK" },
	{ TCP_EXT, ALONE, "TCPDSACKUndo",
	  "# congestion window recovered without slow start using DSACK" },
	{ TCP_EXT, ALONE, "TCPDSACKUndo",
	  "# congestion windows recovered without slow start by DSACK" },
	{ TCP_EXT, ALONE, "TCPLossUndo", "# congestion windows recovered after partial ack" },
	{ TCP_EXT, ALONE, "TCPLossUndo",
	  "# congestion windows recovered without slow start after partial ack" },
	{ TCP_EXT, ALONE, "TCPLoss", "# TCP data loss events" },
	{ TCP_EXT, ALONE, "TCPLostRetransmit", "# retransmits lost" },
	{ TCP_EXT, ALONE, "TCPRenoFailures", "# timeouts after reno fast retransmit" },
	{ TCP_EXT, ALONE, "TCPSackFailures", "# timeouts after SACK recovery" },
	{ TCP_EXT, ALONE, "TCPLossFailures", "# timeouts in loss state" },
	{ TCP_EXT, TOOL, "TCPFastRetrans", "# fast retransmits" },
	{ TCP_EXT, ALONE, "TCPForwardRetrans", "# forward retransmits" },
	{ TCP_EXT, ALONE, "TCPSlowStartRetrans", "# retransmits in slow start" },
	{ TCP_EXT, ALONE, "TCPTimeouts", "# other TCP timeouts" },
	{ TCP_EXT, ALONE, "TCPRenoRecoveryFail", "# reno fast retransmits failed" },
	{ TCP_EXT, ALONE, "TCPRenoRecoveryFail", "# classic Reno fast retransmits failed" },
	{ TCP_EXT, ALONE, "TCPSackRecoveryFail", "# sack retransmits failed" },
	{ TCP_EXT, ALONE, "TCPSackRecoveryFail", "# SACK retransmits failed" },
	{ TCP_EXT, ALONE, "TCPSchedulerFailed",
	  "# times receiver scheduled too late for direct processing" },
	{ TCP_EXT, ALONE, "TCPRcvCollapsed",
	  "# packets collapsed in receive queue due to low socket buffer" },
	{ TCP_EXT, ALONE, "TCPDSACKOldSent", "# DSACKs sent for old packets" },
	{ TCP_EXT, ALONE, "TCPDSACKOfoSent", "# DSACKs sent for out of order packets" },
	{ TCP_EXT, ALONE, "TCPDSACKRecv", "# DSACKs received" },
	{ TCP_EXT, ALONE, "TCPDSACKOfoRecv", "# DSACKs for out of order packets received" },
	{ TCP_EXT, ALONE, "TCPAbortOnSyn", "# connections reset due to unexpected SYN" },
	{ TCP_EXT, ALONE, "TCPAbortOnData", "# connections reset due to unexpected data" },
	{ TCP_EXT, ALONE, "TCPAbortOnClose", "# connections reset due to early user close" },
	{ TCP_EXT, ALONE, "TCPAbortOnMemory", "# connections aborted due to memory pressure" },
	{ TCP_EXT, TOOL, "TCPAbortOnTimeout", "# connections aborted due to timeout" },
	{ TCP_EXT, ALONE, "TCPAbortOnLinger",
	  "# connections aborted after user close in linger timeout" },
	{ TCP_EXT, ALONE, "TCPAbortFailed", "# times unabled to send RST due to no memory" },
	{ TCP_EXT, ALONE, "TCPAbortFailed", "# times unable to send RST due to no memory" },
	{ TCP_EXT, ALONE, "TCPMemoryPressures", "TCP ran low on memory # times" },
};

struct state {
	enum section section;
	bool known; /* a line came that nobody else prints */
};

static bool is_number(struct ta_slice word)
{
	return word.len && ((word.data[0] >= '0' && word.data[0] <= '9') || word.data[0] == '-');
}

/* Word by word, however wide the blanks. */
static bool matches(const char *pattern, struct ta_slice text, struct ta_slice *ret_number)
{
	struct ta_slice rest = ta_slice(pattern, strlen(pattern)), want, word;

	while (ta_slice_word(&rest, &want)) {
		if (!ta_slice_word(&text, &word))
			return false;
		if (want.data[0] == '#'
			    ? !is_number(word)
			    : word.len != want.len || memcmp(word.data, want.data, want.len) != 0)
			return false;
		if (want.data[0] == '#')
			*ret_number = word;
	}
	return !ta_slice_word(&text, &word);
}

static bool is_trusted(const struct ta_reading *reading, const struct state *state,
		       const struct sentence *sentence)
{
	const struct ta_command *command = &reading->command;

	if (sentence->section == state->section || sentence->trust == ALONE)
		return true;
	return sentence->trust == TOOL &&
	       (state->known || (ta_command_is(command, "netstat") &&
				 ta_command_has(command, 's', "--statistics")));
}

static enum ta_take take_sentence(struct ta_reading *reading, struct state *state,
				  const struct ta_line *line, struct ta_slice text)
{
	struct ta_slice number = { NULL, 0 };
	bool counts = is_number(text); /* most lines of any text do not begin so */

	for (size_t i = 0; i < TA_ARRAY_SIZE(sentences); i++) {
		const struct sentence *sentence = &sentences[i];

		if (counts != (sentence->text[0] == '#') ||
		    !matches(sentence->text, text, &number) ||
		    !is_trusted(reading, state, sentence))
			continue;
		state->known |= sentence->trust == ALONE;
		if (ta_slice_begins(number, "-"))
			return ta_wrong(reading, "a counter below 0: it was printed by a tool with "
						 "too short a number");
		return ta_note_counter(reading, line, groups[sentence->section],
				       ta_slice(sentence->name, strlen(sentence->name)), number);
	}
	return TA_NOT_MINE;
}

/* "    TCPBacklogDrop: 53". Without a section only names that begin as TcpExt's alone do. */
static enum ta_take take_raw(struct ta_reading *reading, const struct state *state,
			     const struct ta_line *line, struct ta_slice text)
{
	bool indented = line->text.len && (line->text.data[0] == ' ' || line->text.data[0] == '\t');
	enum section section = state->section;
	struct ta_slice name, value, more;
	enum ta_take take;

	if (!ta_slice_word(&text, &name) || !ta_slice_word(&text, &value) ||
	    ta_slice_word(&text, &more) || name.len < 2 || name.data[name.len - 1] != ':' ||
	    !is_number(value))
		return TA_NOT_MINE;
	name.len--;
	if (section != OTHER && (ta_slice_begins(name, "TCP") || ta_slice_begins(name, "Tcp")))
		section = TCP_EXT;
	if (section == NO_SECTION || section == OTHER)
		return TA_NOT_MINE;
	take = ta_note_counter(reading, line, groups[section], name, value);
	/* "Total: 198" may be anybody's */
	return take == TA_EMPTY && (!indented || !state->section) ? TA_NOT_MINE : take;
}

static bool take_title(struct state *state, struct ta_slice text)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(titles); i++) {
		if (!ta_slice_equals(text, titles[i].title))
			continue;
		state->section = titles[i].section;
		return true;
	}
	return false;
}

/* Of a section that nobody asks for: "823 packets received", "InType3: 4". */
static bool is_passed_over(const struct state *state, struct ta_slice text)
{
	struct ta_slice first, last;

	if (state->section < ICMP || (state->section > ICMP_OUT && state->section != OTHER) ||
	    !ta_slice_word(&text, &first))
		return false;
	for (last = first; ta_slice_word(&text, &last);)
		;
	return is_number(first) || is_number(last);
}

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct state *state = state_;
	struct ta_slice text = ta_slice_trim(line->text);
	bool indented = text.len && text.data != line->text.data;
	enum ta_take take;

	if (!text.len)
		return TA_NOT_MINE;
	if (take_title(state, text))
		return TA_EMPTY;
	if (ta_slice_ends(text, "."))
		text.len--;
	take = take_sentence(reading, state, line, text);
	if (take == TA_NOT_MINE)
		take = take_raw(reading, state, line, text);
	if (take != TA_NOT_MINE)
		return take;
	if (indented && is_passed_over(state, text))
		return TA_EMPTY;
	if (!indented)
		state->section = NO_SECTION;
	return TA_NOT_MINE;
}

const struct ta_reader ta_read_netstat_s = {
	.name = "netstat -s",
	.state_size = sizeof(struct state),
	.line = take_line,
};
