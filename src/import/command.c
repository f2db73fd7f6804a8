/* command.c - see command.h.
 *
 * What counts as a prompt: a short run of the characters that prompts are made of, ending in one of
 * # $ % >, and behind it a program of the table below; behind a lone "$ " any word. */
#include "import/command.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "import/line.h"

enum { PROMPT_MAX = 100 };

/* ---- programs ---- */

/* What prints evidence, or stands where evidence ends. */
static const char *const programs[] = {
	"ss",      "netstat",  "sysctl", "cat",   "head",   "tail",    "grep",      "egrep",
	"zgrep",   "less",     "more",   "nstat", "ulimit", "lsof",    "ls",        "conntrack",
	"ip",      "tc",       "strace", "dmesg", "awk",    "gawk",    "uname",     "hostname",
	"date",    "uptime",   "nproc",  "lscpu", "free",   "prlimit", "ps",        "systemctl",
	"ethtool", "ifconfig", "curl",   "echo",  "sar",    "vmstat",  "top",       "iostat",
	"tcpdump", "wc",       "for",    "while", "mpstat", "pidof",   "tcpadvise", "journalctl",
};

/* What only runs another program: its options that take a word of their own, and how many words
 * it has before that program. */
static const struct runner {
	const char *words; /* "ip netns exec": all of them */
	const char *with_value;
	size_t operands;
} runners[] = {
	{ "sudo", "ugpCh", 0 },
	{ "doas", "u", 0 },
	{ "env", "u", 0 },
	{ "time", "", 0 },
	{ "nice", "n", 0 },
	{ "watch", "n", 0 },
	{ "timeout", "sk", 1 },
	{ "chroot", "", 1 },
	{ "ip netns exec", "", 1 },
	{ "nsenter", "t", 0 },
	{ "docker exec", "euw", 1 },
	{ "podman exec", "euw", 1 },
	{ "nerdctl exec", "euw", 1 },
	{ "crictl exec", "", 1 },
	{ "lxc exec", "", 1 },
	{ "kubectl exec", "ncf", 1 },
	{ "oc exec", "ncf", 1 },
	{ "oc rsh", "ncf", 1 },
	{ "ssh", "ilpoFJ", 1 },
	{ "sh", "", 0 },
	{ "bash", "", 0 },
	{ "ansible", "imu", 1 },
};

static bool is_program(struct ta_slice word)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(programs); i++)
		if (ta_slice_equals(word, programs[i]))
			return true;
	return false;
}

/* The name behind the last slash. */
static struct ta_slice base_name(struct ta_slice path)
{
	size_t at = path.len;

	while (at && path.data[at - 1] != '/')
		at--;
	return ta_slice(path.data + at, path.len - at);
}

/* ---- words and stages ---- */

/* The length of the first word; a quoted part, blanks included, belongs to it. */
static size_t word_length(struct ta_slice text)
{
	char quote = 0;
	size_t i = 0;

	for (; i < text.len; i++) {
		char c = text.data[i];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == ' ' || c == '\t')
			break;
	}
	return i;
}

struct ta_slice ta_command_word(struct ta_slice *rest)
{
	struct ta_slice word;

	*rest = ta_slice_trim(*rest);
	word = ta_slice(rest->data, word_length(*rest));
	*rest = ta_slice(rest->data + word.len, rest->len - word.len);
	return word;
}

struct ta_slice ta_command_stage(struct ta_slice *rest)
{
	struct ta_slice stage = *rest;
	char quote = 0;

	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->data[i];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == '|' || c == ';') {
			stage.len = i;
			*rest = ta_slice(rest->data + i + 1, rest->len - i - 1);
			return stage;
		}
	}
	*rest = ta_slice(rest->data + rest->len, 0);
	return stage;
}

static bool is_quoted(struct ta_slice word)
{
	return word.len >= 2 && (word.data[0] == '\'' || word.data[0] == '"') &&
	       word.data[word.len - 1] == word.data[0];
}

static struct ta_slice unquote(struct ta_slice word)
{
	return is_quoted(word) ? ta_slice(word.data + 1, word.len - 2) : word;
}

static bool is_assignment(struct ta_slice word)
{
	return word.len && word.data[0] != '-' && word.data[0] != '=' &&
	       memchr(word.data, '=', word.len) && !memchr(word.data, '/', word.len);
}

/* ---- what merely runs it ---- */

/* Whether the text begins with these words, each behind any path; *ret_rest is behind them. */
static bool begins_with_words(struct ta_slice text, const char *words, struct ta_slice *ret_rest)
{
	struct ta_slice wanted = ta_slice(words, strlen(words));

	while (wanted.len) {
		struct ta_slice word = ta_slice_cut(&wanted, ' ');
		struct ta_slice found = base_name(ta_command_word(&text));

		if (found.len != word.len || memcmp(found.data, word.data, word.len) != 0)
			return false;
	}
	*ret_rest = text;
	return true;
}

static bool takes_value(const struct runner *runner, struct ta_slice option)
{
	return option.len == 2 && strchr(runner->with_value, option.data[1]);
}

/* Behind the options, assignments and operands of the runner; *ret_operand is its first operand. A
 * quoted word that is left over, or follows -c or -a, is a command line itself. */
static struct ta_slice skip_runner(const struct runner *runner, struct ta_slice rest,
				   struct ta_slice *ret_operand)
{
	size_t operands = runner->operands;

	*ret_operand = ta_slice(NULL, 0);
	while (rest.len) {
		struct ta_slice behind = rest, word = ta_command_word(&behind);

		if (is_quoted(word))
			return unquote(word);
		if (ta_slice_equals(word, "--")) {
			rest = behind;
			if (!operands)
				break;
		} else if (word.len && word.data[0] == '-') {
			if (takes_value(runner, word))
				ta_command_word(&behind);
		} else if (is_assignment(word)) {
			;
		} else if (operands) {
			if (!ret_operand->data)
				*ret_operand = word;
			operands--;
		} else {
			break;
		}
		rest = behind;
	}
	return rest;
}

/* The command line without what runs it. */
static struct ta_slice unwrap(struct ta_slice text, struct ta_slice *ret_netns)
{
	size_t i = 0;

	while (i < TA_ARRAY_SIZE(runners)) {
		struct ta_slice rest, operand, behind = text;

		if (is_assignment(ta_command_word(&behind))) {
			text = behind;
			continue;
		}
		if (!begins_with_words(text, runners[i].words, &rest)) {
			i++;
			continue;
		}
		text = ta_slice_trim(skip_runner(&runners[i], rest, &operand));
		if (strcmp(runners[i].words, "ip netns exec") == 0)
			*ret_netns = operand;
		i = 0;
	}
	return text;
}

/* ---- the stages behind ---- */

static bool is_stage_of(struct ta_slice stage, const char *program)
{
	return ta_slice_equals(base_name(ta_command_word(&stage)), program);
}

static bool stage_says(struct ta_slice stage, const char *text)
{
	size_t at;

	return ta_slice_find(stage, text, &at);
}

/* grep tcp leaves titles out, and nothing else. */
static bool is_harmless_grep(struct ta_slice stage)
{
	struct ta_slice word;

	ta_command_word(&stage);
	while ((word = ta_command_word(&stage)).len) {
		word = unquote(word);
		if (ta_slice_begins(word, "^"))
			word = ta_slice(word.data + 1, word.len - 1);
		if (word.len && word.data[0] != '-' && !ta_slice_equals(word, "tcp"))
			return false;
	}
	return true;
}

static bool is_grep(struct ta_slice stage)
{
	return is_stage_of(stage, "grep") || is_stage_of(stage, "egrep") ||
	       is_stage_of(stage, "fgrep") || is_stage_of(stage, "zgrep");
}

/* awk '{++S[$NF]} END {for (a in S) print a, S[a]}' */
static bool is_tally(struct ta_slice stage)
{
	return (is_stage_of(stage, "uniq") && stage_says(stage, "-c")) ||
	       ((is_stage_of(stage, "awk") || is_stage_of(stage, "gawk")) &&
		stage_says(stage, "++") && stage_says(stage, "["));
}

static void look_at_stage(struct ta_command *command, struct ta_slice stage)
{
	static const char *const pickers[] = { "head", "tail", "sed", "awk", "gawk", "cut" };

	command->counts = (is_stage_of(stage, "wc") && stage_says(stage, "-l")) ||
			  (is_grep(stage) && stage_says(stage, " -c"));
	if (is_tally(stage)) {
		command->tallies = true;
		return;
	}
	if (is_grep(stage))
		command->picks |= !is_harmless_grep(stage);
	for (size_t i = 0; i < TA_ARRAY_SIZE(pickers); i++)
		command->picks |= is_stage_of(stage, pickers[i]);
}

/* awk '{print $6}' before "sort | uniq -c" takes a column, no rows. */
static bool is_column_of_tally(struct ta_slice stage, struct ta_slice rest)
{
	return (is_stage_of(stage, "awk") || is_stage_of(stage, "cut")) &&
	       stage_says(rest, "uniq -c") && !stage_says(stage, "/") && !stage_says(stage, "==");
}

static void look_at_stages(struct ta_command *command, struct ta_slice rest)
{
	while (rest.len) {
		struct ta_slice stage = ta_slice_trim(ta_command_stage(&rest));

		if (!is_column_of_tally(stage, rest))
			look_at_stage(command, stage);
	}
}

/* ---- the command line ---- */

/* "2>/dev/null", "2>&1", ">", "&>>" */
static bool is_redirection(struct ta_slice word)
{
	while (word.len && (strchr("0123456789&", word.data[0])))
		word = ta_slice(word.data + 1, word.len - 1);
	return word.len && (word.data[0] == '>' || word.data[0] == '<');
}

/* Where the file that is meant is the next word, it goes, too. */
static void skip_target(struct ta_slice redirection, struct ta_slice *rest)
{
	if (ta_slice_ends(redirection, ">") || ta_slice_ends(redirection, "<"))
		ta_command_word(rest);
}

/* "ip -n NAME link", "tc -netns NAME qdisc", "ss -N NAME", "ss --net=NAME" */
static struct ta_slice netns_option(const struct ta_command *command)
{
	static const char *const options[][2] = {
		{ "ip", "-n" },     { "ip", "-netns" }, { "tc", "-n" },    { "tc", "-net" },
		{ "tc", "-netns" }, { "ss", "-N" },     { "ss", "--net" },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(options); i++)
		for (size_t j = 1; j < command->count; j++) {
			struct ta_slice value = command->words[j];
			struct ta_slice option = ta_slice_cut(&value, '=');

			if (!ta_command_is(command, options[i][0]) ||
			    !ta_slice_equals(option, options[i][1]))
				continue;
			if (value.len)
				return value;
			return j + 1 < command->count ? command->words[j + 1] : value;
		}
	return ta_slice(NULL, 0);
}

bool ta_command_parse(struct ta_slice text, struct ta_command *ret)
{
	struct ta_slice rest, first;

	memset(ret, 0, sizeof(*ret));
	text = ta_slice_trim(text);
	if (!text.len || text.len >= sizeof(ret->text))
		return false;
	memcpy(ret->text, text.data, text.len);
	rest = unwrap(ta_slice(ret->text, text.len), &ret->netns);
	ret->inner = rest;
	first = ta_command_stage(&rest);
	ret->rest = ta_slice_trim(rest);
	while (ret->count < TA_COMMAND_WORDS && ta_slice_trim(first).len) {
		struct ta_slice word = ta_command_word(&first);

		if (is_redirection(word))
			skip_target(word, &first);
		else
			ret->words[ret->count++] = unquote(word);
	}
	if (ret->count)
		ret->words[0] = base_name(ret->words[0]);
	if (!ret->netns.len)
		ret->netns = netns_option(ret);
	look_at_stages(ret, ret->rest);
	return ret->count > 0;
}

static struct ta_slice moved(struct ta_slice slice, const char *from, const char *to)
{
	return slice.data ? ta_slice(to + (slice.data - from), slice.len) : slice;
}

void ta_command_copy(struct ta_command *to, const struct ta_command *from)
{
	*to = *from;
	for (size_t i = 0; i < to->count; i++)
		to->words[i] = moved(from->words[i], from->text, to->text);
	to->inner = moved(from->inner, from->text, to->text);
	to->rest = moved(from->rest, from->text, to->text);
	to->netns = moved(from->netns, from->text, to->text);
}

/* ---- behind a prompt ---- */

static bool is_prompt_text(struct ta_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ta_text_is_word_byte(text.data[i]) && !strchr("@.:~/[]() -", text.data[i]))
			return false;
	return text.len <= PROMPT_MAX;
}

static bool runs_known(const struct ta_command *command)
{
	return is_program(command->words[0]);
}

/* "ss -tan", "cat /proc/net/sockstat", "sysctl net.core.somaxconn", "dmesg": without a prompt the
 * second word has to look like an argument. */
static bool is_bare(const struct ta_command *command)
{
	static const char *const alone[] = { "ss", "netstat", "nstat", "dmesg", "lsof" };
	struct ta_slice word = command->words[1];
	size_t at;

	if (!runs_known(command))
		return false;
	for (size_t i = 0; command->count == 1 && i < TA_ARRAY_SIZE(alone); i++)
		if (ta_slice_equals(ta_slice_trim(ta_slice(command->text, strlen(command->text))),
				    alone[i]))
			return true;
	if (command->count < 2)
		return command->rest.len > 0;
	if (word.data[0] == '-' || word.data[0] == '/')
		return word.len > 1;
	return ta_slice_equals(command->words[0], "sysctl") && ta_slice_find(word, ".", &at) &&
	       !memchr(command->text, '=', strlen(command->text));
}

bool ta_command_find(struct ta_slice line, struct ta_command *ret)
{
	struct ta_slice text = ta_slice_trim(line);

	for (size_t i = 0; i < text.len && i <= PROMPT_MAX; i++) {
		if (!strchr("#$%>", text.data[i]))
			continue;
		if (!is_prompt_text(ta_slice(text.data, i)))
			break;
		if (ta_command_parse(ta_slice(text.data + i + 1, text.len - i - 1), ret) &&
		    (runs_known(ret) || ta_slice_begins(text, "$ ")))
			return true;
		break;
	}
	if (ta_slice_begins(text, "+ ")) /* sh -x */
		text = ta_slice(text.data + 2, text.len - 2);
	return ta_command_parse(text, ret) && is_bare(ret);
}

bool ta_command_is(const struct ta_command *command, const char *program)
{
	return command->count && ta_slice_equals(command->words[0], program);
}

bool ta_command_says(const struct ta_command *command, const char *word)
{
	for (size_t i = 1; i < command->count; i++)
		if (ta_slice_equals(command->words[i], word))
			return true;
	return false;
}

static bool is_bundle_with(struct ta_slice word, char letter)
{
	return word.len > 1 && word.data[0] == '-' && word.data[1] != '-' &&
	       memchr(word.data + 1, letter, word.len - 1);
}

bool ta_command_has(const struct ta_command *command, char letter, const char *long_option)
{
	for (size_t i = 1; i < command->count; i++)
		if (is_bundle_with(command->words[i], letter))
			return true;
	return long_option && ta_command_says(command, long_option);
}

struct ta_slice ta_command_file(const struct ta_command *command)
{
	static const char *const printers[] = { "cat",  "head", "tail",  "more",
						"less", "grep", "egrep", "zgrep" };
	struct ta_slice file = ta_slice(NULL, 0);
	bool prints = false;

	for (size_t i = 0; i < TA_ARRAY_SIZE(printers); i++)
		prints |= ta_command_is(command, printers[i]);
	for (size_t i = 1; prints && i < command->count; i++) {
		if (command->words[i].data[0] != '/')
			continue;
		if (file.len)
			return ta_slice(NULL, 0);
		file = command->words[i];
	}
	return file;
}
