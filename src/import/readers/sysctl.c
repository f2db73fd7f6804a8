/* sysctl.c - tunables: "key = value" as sysctl prints it, files of /proc/sys, and values alone.
 *
 * A value alone ("cat /proc/sys/fs/file-max", "sysctl -n net.core.somaxconn") belongs to the key
 * that the command names, of several in their order. What is printed of a file in /etc is set at
 * the next boot, and says nothing of what is in force: it is passed over. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "import/readers/counter.h"
#include "import/readers/host.h"
#include "snapshot/tunables.h"

enum { KEY_MAX = 256, VALUES_MAX = 8 };

static const char proc_sys[] = "/proc/sys/";

struct state {
	size_t next;              /* of the keys that the command names: whose value comes next */
	bool unsure;              /* values may be missing, so that it is not known whose it is */
	uint32_t failed;          /* keys that gave no value, a bit each */
	char headed[KEY_MAX + 1]; /* of "==> /proc/sys/... <==" */
};

/* ---- keys ---- */

static struct ta_slice behind(struct ta_slice text, size_t len)
{
	return ta_slice(text.data + len, text.len - len);
}

/* Of bytes of names and these others. */
static bool is_made_of(struct ta_slice text, const char *also)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ta_text_is_word_byte(text.data[i]) && !strchr(also, text.data[i]))
			return false;
	return true;
}

/* "net.core.somaxconn", "net/core/somaxconn", "net.ipv4.conf.eth0/100.rp_filter": it begins with a
 * folder of /proc/sys. */
static bool is_key(struct ta_slice text)
{
	static const char *const folders[] = { "abi",    "crypto", "debug",  "dev",  "fs",
					       "kernel", "net",    "sunrpc", "user", "vm" };
	struct ta_slice rest = text, folder;
	bool found = false;

	if (!is_made_of(text, "./-:@+*"))
		return false;
	folder = memchr(text.data, '/', text.len) && !memchr(text.data, '.', text.len)
			 ? ta_slice_cut(&rest, '/')
			 : ta_slice_cut(&rest, '.');
	if (memchr(folder.data, '/', folder.len))
		folder = ta_slice_cut(&folder, '/');
	for (size_t i = 0; i < TA_ARRAY_SIZE(folders); i++)
		found |= ta_slice_equals(folder, folders[i]);
	return found && folder.len + 1 < text.len && text.len < KEY_MAX;
}

/* The key that a path below /proc/sys stands for; false for another path. */
static bool key_of_path(struct ta_slice path, struct ta_slice *ret)
{
	size_t at;

	if (!ta_slice_find(path, proc_sys, &at))
		return false;
	*ret = behind(path, at + strlen(proc_sys));
	return is_key(*ret);
}

static const struct ta_tunable *find_tunable(struct ta_slice key)
{
	char name[KEY_MAX + 1];

	if (key.len > KEY_MAX)
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)key.len, key.data);
	return ta_tunable_find(name);
}

/* ---- values ---- */

/* What a snapshot has elsewhere, too. */
static const struct {
	const char *key;
	enum ta_home home;
	const char *group, *name;
	size_t word; /* of the value */
} elsewhere[] = {
	{ "fs.file-nr", TA_HOME_ROOT, "files", "allocated", 0 },
	{ "fs.file-nr", TA_HOME_ROOT, "files", "max", 2 },
	{ "fs.file-max", TA_HOME_ROOT, "files", "max", 0 },
	{ "fs.nr_open", TA_HOME_ROOT, "files", "nr_open", 0 },
	{ "net.netfilter.nf_conntrack_count", TA_HOME_NETNS, "conntrack", "count", 0 },
	{ "net.netfilter.nf_conntrack_max", TA_HOME_NETNS, "conntrack", "max", 0 },
	{ "net.netfilter.nf_conntrack_buckets", TA_HOME_NETNS, "conntrack", "buckets", 0 },
};

static void note_elsewhere(struct ta_reading *reading, const struct ta_line *line, const char *key,
			   struct ta_slice value)
{
	struct ta_slice words[TA_LINE_WORDS];
	uint64_t number;
	size_t count;

	ta_line_words(value, words, &count);
	for (size_t i = 0; i < TA_ARRAY_SIZE(elsewhere); i++)
		if (strcmp(key, elsewhere[i].key) == 0 && elsewhere[i].word < count &&
		    ta_slice_u64(words[elsewhere[i].word], &number))
			ta_note_uint(reading, line, elsewhere[i].home, elsewhere[i].group,
				     elsewhere[i].name, number);
}

static bool is_list_of_names(const char *key)
{
	return strcmp(key, "net.ipv4.tcp_available_congestion_control") == 0 ||
	       strcmp(key, "net.ipv4.tcp_allowed_congestion_control") == 0;
}

/* Text is a value when it is one word, such as the name of an algorithm, or nothing. */
static bool has_form(const struct ta_tunable *tunable, struct ta_slice value)
{
	bool ports = strcmp(tunable->key, "net.ipv4.ip_local_reserved_ports") == 0;

	if (tunable->shape != TA_TUNABLE_STRING)
		return true;
	if (ports && value.len && (value.data[0] < '0' || value.data[0] > '9'))
		return false;
	return is_made_of(value, is_list_of_names(tunable->key) ? "-., \t" : "-.,");
}

static enum ta_take note_host(struct ta_reading *reading, const struct ta_line *line,
			      struct ta_slice key, struct ta_slice value)
{
	if (ta_slice_equals(key, "kernel.osrelease") || ta_slice_equals(key, "kernel/osrelease"))
		return ta_note_kernel_release(reading, line, value);
	if (ta_slice_equals(key, "kernel.hostname") || ta_slice_equals(key, "kernel/hostname"))
		return ta_note_host_name(reading, line, value);
	return TA_EMPTY;
}

static enum ta_take note_value(struct ta_reading *reading, const struct ta_line *line,
			       struct ta_slice key, struct ta_slice value)
{
	const struct ta_tunable *tunable = find_tunable(key);

	if (!tunable)
		return note_host(reading, line, key, value);
	if (!tunable->readable || tunable->scope == TA_TUNABLE_NONE)
		return TA_EMPTY;
	if (line->cut || !has_form(tunable, value) || !ta_note_sysctl(reading, line, key, value))
		return ta_wrong(reading, "the value has not the form of this tunable");
	note_elsewhere(reading, line, tunable->key, value);
	return TA_USED;
}

/* ---- lines with a key ---- */

/* A file with settings for the next boot: /etc/sysctl.conf, sysctl.d. */
static bool is_settings_file(struct ta_slice path)
{
	size_t at;

	return ta_slice_ends(path, "/sysctl.conf") || ta_slice_find(path, "/sysctl.d/", &at) ||
	       (ta_slice_begins(path, "/etc/") && ta_slice_find(path, "sysctl", &at));
}

/* Whether the lines are of such a file, or are written to one: "cat > 99-net.conf <<EOF". */
static bool is_for_next_boot(const struct ta_reading *reading)
{
	const struct ta_command *command = &reading->command;
	bool prints = ta_command_is(command, "sysctl");
	size_t at;

	if (is_settings_file(ta_slice(reading->file, strlen(reading->file))))
		return true;
	for (size_t i = 1; !prints && i < command->count; i++)
		if (is_settings_file(command->words[i]) ||
		    ta_slice_find(command->words[i], "<<", &at))
			return true;
	return false;
}

/* A key and a colon may begin a sentence, too: "net.core.somaxconn: too small". */
static bool begins_like_value(struct ta_slice key, struct ta_slice value)
{
	const struct ta_tunable *tunable = find_tunable(key);

	return tunable && value.len &&
	       (tunable->shape == TA_TUNABLE_STRING || value.data[0] == '-' ||
		(value.data[0] >= '0' && value.data[0] <= '9'));
}

/* "key = value", "key=value", "key =", "key: value" */
static bool split(struct ta_slice text, struct ta_slice *ret_key, struct ta_slice *ret_value)
{
	bool equals = memchr(text.data, '=', text.len);
	struct ta_slice rest = text, key = ta_slice_cut(&rest, equals ? '=' : ':');

	if (key.len == text.len)
		return false;
	*ret_key = equals ? ta_slice_trim(key) : key;
	*ret_value = ta_slice_trim(rest);
	return is_key(*ret_key) && (equals || begins_like_value(key, *ret_value));
}

static enum ta_take take_pair(struct ta_reading *reading, const struct ta_line *line,
			      struct ta_slice text)
{
	struct ta_slice key, value;

	return split(text, &key, &value) ? note_value(reading, line, key, value) : TA_NOT_MINE;
}

/* grep puts the name of the file before each line: "/proc/sys/net/ipv4/tcp_tw_reuse:1",
 * "/etc/sysctl.conf:net.core.somaxconn = 1024". A blank behind the colon begins a message. */
static enum ta_take take_named(struct ta_reading *reading, const struct ta_line *line,
			       struct ta_slice text)
{
	struct ta_slice rest = text, path = ta_slice_cut(&rest, ':'), key;

	if (path.data[0] != '/')
		return TA_NOT_MINE;
	if (ta_slice_begins(text, proc_sys) && memchr(text.data, '=', text.len))
		return take_pair(reading, line, behind(text, strlen(proc_sys)));
	if (path.len == text.len || (rest.len && rest.data[0] == ' '))
		return TA_NOT_MINE;
	if (is_settings_file(path))
		return TA_EMPTY;
	return key_of_path(path, &key) ? note_value(reading, line, key, rest) : TA_NOT_MINE;
}

/* ---- what it says instead of a value ---- */

/* Whether the command is one of sysctl that sets nothing. */
static bool only_reads(const struct ta_command *command)
{
	return ta_command_is(command, "sysctl") &&
	       !memchr(command->text, '=', strlen(command->text)) &&
	       !ta_command_has(command, 'w', "--write") &&
	       !ta_command_has(command, 'p', "--load") && !ta_command_says(command, "--system");
}

/* Of a key that can't be read, or that a kernel does not have. What is said of one that could not
 * be set, or may have been, is an error of a program. */
static bool is_complaint(const struct ta_reading *reading, struct ta_slice text)
{
	static const char *const complaints[] = { "cannot stat /proc/sys", "reading key",
						  "is an unknown key" };
	size_t at;

	if (ta_slice_begins(text, "error: ") && ta_slice_ends(text, "is an unknown key"))
		return true;
	if (!ta_slice_begins(text, "sysctl: "))
		return ta_slice_begins(text, "cat: /proc/sys/") &&
		       ta_slice_find(text, ": No such file or directory", &at);
	if (ta_slice_find(text, "permission denied on key", &at))
		return only_reads(&reading->command);
	for (size_t i = 0; i < TA_ARRAY_SIZE(complaints); i++)
		if (ta_slice_find(text, complaints[i], &at))
			return true;
	return false;
}

/* ---- values alone ---- */

/* Whether the output goes through another program; commands behind a ';' are none. */
static bool is_piped(const struct ta_command *command)
{
	const char *at = command->rest.data;

	if (!command->rest.len)
		return false;
	while (at > command->text && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at > command->text && at[-1] == '|';
}

/* The n-th key (from 0) of which the command prints nothing but the value. */
static bool command_key(const struct ta_command *command, size_t n, struct ta_slice *ret)
{
	bool sysctl = ta_command_is(command, "sysctl");

	for (size_t i = 1; i < command->count; i++) {
		struct ta_slice word = command->words[i];
		bool key = sysctl ? is_key(word) : key_of_path(word, &word);

		if (!key || n-- > 0)
			continue;
		*ret = word;
		return true;
	}
	return false;
}

static bool prints_values(const struct ta_command *command)
{
	static const char *const printers[] = { "cat", "head", "tail", "more", "less" };

	if (is_piped(command))
		return false;
	if (ta_command_is(command, "sysctl"))
		return ta_command_has(command, 'n', "--values");
	for (size_t i = 0; i < TA_ARRAY_SIZE(printers); i++)
		if (ta_command_is(command, printers[i]))
			return true;
	return false;
}

/* Whether the text has the key, with dots or as a path. */
static bool names_key(struct ta_slice text, struct ta_slice key)
{
	char name[KEY_MAX + 1];
	size_t at;

	snprintf(name, sizeof(name), "%.*s", (int)key.len, key.data);
	if (ta_slice_find(text, name, &at))
		return true;
	for (char *c = name; *c; c++)
		*c = *c == '.' ? '/' : *c;
	return ta_slice_find(text, name, &at);
}

/* No value comes of the key that the complaint is about. */
static void mark_failed(const struct ta_reading *reading, struct state *state, struct ta_slice text)
{
	struct ta_slice key;

	for (size_t i = 0; i < TA_COMMAND_WORDS && command_key(&reading->command, i, &key); i++)
		if (names_key(text, key))
			state->failed |= 1u << i;
}

/* Wildcards, braces, or complaints that were thrown away: nobody knows how many values there are.
 */
static bool is_unsure(const struct ta_command *command)
{
	struct ta_slice key;

	return strpbrk(command->text, "*{?[") ||
	       (command_key(command, 1, &key) && strstr(command->text, "2>"));
}

/* An empty value is no line: what comes then is the value of the next key. */
static bool may_be_empty(struct ta_slice key)
{
	const struct ta_tunable *tunable = find_tunable(key);

	return !tunable || (tunable->shape == TA_TUNABLE_STRING &&
			    strcmp(tunable->key, "net.ipv4.tcp_congestion_control") != 0 &&
			    strcmp(tunable->key, "net.core.default_qdisc") != 0);
}

static bool looks_like_value(struct ta_slice text)
{
	struct ta_slice words[TA_LINE_WORDS];
	uint64_t number;
	size_t count;

	ta_line_words(text, words, &count);
	if (count == 1)
		return true;
	for (size_t i = 0; i < count; i++)
		if (!ta_slice_u64(words[i], &number))
			return false;
	return count <= VALUES_MAX;
}

/* "==> /proc/sys/net/core/somaxconn <==" of head and tail. */
static bool take_heading(struct state *state, struct ta_slice text)
{
	struct ta_slice key;

	if (!ta_slice_begins(text, "==> ") || !ta_slice_ends(text, " <=="))
		return false;
	if (!key_of_path(ta_slice(text.data + 4, text.len - 8), &key))
		return false;
	snprintf(state->headed, sizeof(state->headed), "%.*s", (int)key.len, key.data);
	return true;
}

/* The next of the keys that the command names; false when there is none. */
static bool next_key(const struct ta_reading *reading, struct state *state, struct ta_slice *ret)
{
	const struct ta_command *command = &reading->command;

	if (!command->text[0])
		return state->next++ == 0 &&
		       key_of_path(ta_slice(reading->file, strlen(reading->file)), ret);
	if (!prints_values(command))
		return false;
	while (state->next < TA_COMMAND_WORDS && (state->failed >> state->next & 1))
		state->next++;
	return command_key(command, state->next++, ret);
}

static enum ta_take take_headed(struct ta_reading *reading, struct state *state,
				const struct ta_line *line, struct ta_slice text)
{
	char key[KEY_MAX + 1];

	snprintf(key, sizeof(key), "%s", state->headed);
	state->headed[0] = '\0';
	return note_value(reading, line, ta_slice(key, strlen(key)), text);
}

static enum ta_take take_value(struct ta_reading *reading, struct state *state,
			       const struct ta_line *line, struct ta_slice text)
{
	struct ta_slice key = { NULL, 0 }, other;

	if (!looks_like_value(text))
		return TA_NOT_MINE;
	if (state->headed[0])
		return take_headed(reading, state, line, text);
	if (!next_key(reading, state, &key))
		return TA_NOT_MINE;
	state->unsure |= is_unsure(&reading->command) ||
			 (may_be_empty(key) && command_key(&reading->command, 1, &other));
	if (state->unsure)
		return ta_wrong(reading, "of several values it is not known whose this is");
	return note_value(reading, line, key, text);
}

/* ---- lines ---- */

/* Of a file for the next boot comments are lines, too; grep puts its name before them. */
static bool is_setting(struct ta_slice text)
{
	struct ta_slice rest = text, path = ta_slice_cut(&rest, ':'), key, value;

	return is_settings_file(path) || text.data[0] == '#' || text.data[0] == ';' ||
	       split(text, &key, &value) ||
	       (text.data[0] == '-' && split(behind(text, 1), &key, &value));
}

static bool is_remark(struct ta_slice text)
{
	return ta_slice_begins(text, "* Applying /") && ta_slice_ends(text, "...");
}

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct ta_slice text = ta_slice_trim(line->text);
	struct state *state = state_;
	enum ta_take take;

	if (is_for_next_boot(reading))
		return is_setting(text) ? TA_EMPTY : TA_NOT_MINE;
	if (is_complaint(reading, text)) {
		mark_failed(reading, state, text);
		return TA_EMPTY;
	}
	if (is_remark(text) || take_heading(state, text))
		return TA_EMPTY;
	take = take_named(reading, line, text);
	if (take == TA_NOT_MINE)
		take = take_pair(reading, line, text);
	return take == TA_NOT_MINE ? take_value(reading, state, line, text) : take;
}

const struct ta_reader ta_read_sysctl = {
	.name = "sysctl",
	.state_size = sizeof(struct state),
	.line = take_line,
};
