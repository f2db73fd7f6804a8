/* member.c - see member.h. Three ways of naming, tried from the surest to the vaguest: the folder
 * of sos's commands, a folder that a host's own tree begins with, the name that somebody chose. */
#include "import/member.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/slice.h"
#include "base/text.h"

/* Fails when it does not fit: half a name is another name. */
static bool put(char *ret, size_t size, const char *prefix, struct ta_slice text)
{
	int n = snprintf(ret, size, "%s%.*s", prefix, (int)text.len, text.data);

	return n > 0 && (size_t)n < size;
}

static struct ta_slice slice_of(const char *text)
{
	return ta_slice(text, strlen(text));
}

static bool begins(struct ta_slice text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data, with, len) == 0;
}

static struct ta_slice behind(struct ta_slice text, size_t len)
{
	return ta_slice(text.data + len, text.len - len);
}

/* Drops one of the endings, ended by NULL; false when it has none. */
static bool drop_ending(struct ta_slice *name, const char *const *endings)
{
	for (; *endings; endings++) {
		size_t len = strlen(*endings);

		if (name->len > len && memcmp(name->data + name->len - len, *endings, len) == 0) {
			name->len -= len;
			return true;
		}
	}
	return false;
}

/* ---- sos ---- */

/* What sos runs in a namespace; where the name of the namespace ends is told by these alone. */
static const char *const in_namespaces[] = { "ethtool", "ip",    "ip6tables", "iptables", "netstat",
					     "nft",     "nstat", "ss",        "sysctl" };

/* "ls_-lt_.sys.kernel" was "ls -lt /sys/kernel". */
static void unmangle(char *command)
{
	bool in_path = false;

	for (char *c = command; *c; c++) {
		bool starts = c == command || c[-1] == ' ';

		if (*c == '_')
			*c = ' ';
		in_path = *c != ' ' && (in_path || (starts && c[0] == '.' && c[1] && c[1] != '.'));
		if (in_path && *c == '.')
			*c = '/';
	}
}

/* The ".1" of a second command with the same name. */
static void drop_count(struct ta_slice *name)
{
	size_t len = name->len;

	while (len && ta_is_digit(name->data[len - 1]))
		len--;
	if (len > 1 && len < name->len && name->data[len - 1] == '.' &&
	    !ta_is_digit(name->data[len - 2]))
		name->len = len - 1;
}

/* The length of the program's name when the text is a command of it, else 0. */
static size_t program_len(struct ta_slice text, const char *program)
{
	size_t len = strlen(program);

	return begins(text, program) && (text.len == len || text.data[len] == '_') ? len : 0;
}

/* Where in "blue_netstat_-s" the command begins; 0 when it is none that is known. */
static size_t command_start(struct ta_slice text)
{
	for (size_t at = 2; at < text.len; at++)
		for (size_t i = 0; text.data[at - 1] == '_' && i < TA_ARRAY_SIZE(in_namespaces);
		     i++)
			if (program_len(behind(text, at), in_namespaces[i]))
				return at;
	return 0;
}

/* "ip_netns_exec_blue_netstat_-s": the folder, if there is one, says better where the name ends. */
static bool in_namespace(struct ta_slice folder, struct ta_slice *name, struct ta_capture *ret)
{
	static const char exec[] = "ip_netns_exec_";
	struct ta_slice rest, namespace;
	size_t start;

	if (!begins(*name, exec))
		return true;
	rest = behind(*name, strlen(exec));
	if (folder.len && rest.len > folder.len + 1 && rest.data[folder.len] == '_' &&
	    memcmp(rest.data, folder.data, folder.len) == 0)
		start = folder.len + 1;
	else
		start = command_start(rest);
	if (!start)
		return false;
	namespace = folder.len ? folder : ta_slice(rest.data, start - 1);
	*name = behind(rest, start);
	return put(ret->namespace_, sizeof(ret->namespace_), "", namespace);
}

/* What was too large to keep: the end of a command's output, or that of a log, whose name has dots
 * for slashes ("var.log.messages"). */
static bool sos_tail(struct ta_slice *name, struct ta_capture *ret)
{
	static const char *const tailed[] = { ".tailed", NULL };
	static const char logs[] = "var.log.";

	ret->tail = drop_ending(name, tailed);
	return ret->tail && begins(*name, logs) &&
	       put(ret->file, sizeof(ret->file), "/var/log/", behind(*name, strlen(logs)));
}

/* Behind "sos_commands/": PLUGIN/COMMAND, or PLUGIN/namespaces/NAME/COMMAND. */
static bool sos_command(struct ta_slice rest, struct ta_capture *ret)
{
	struct ta_slice folder = ta_slice(NULL, 0), name;

	ta_slice_cut(&rest, '/');
	name = ta_slice_cut(&rest, '/');
	if (ta_slice_equals(name, "namespaces") && rest.len) {
		folder = ta_slice_cut(&rest, '/');
		name = ta_slice_cut(&rest, '/');
	}
	if (!name.len || rest.len)
		return false;
	if (sos_tail(&name, ret))
		return true;
	drop_count(&name);
	if (!in_namespace(folder, &name, ret) || !put(ret->command, sizeof(ret->command), "", name))
		return false;
	unmangle(ret->command);
	return true;
}

/* ---- copies of files ---- */

static bool copied_file(struct ta_slice from_root, struct ta_capture *ret)
{
	static const char *const packed[] = { ".gz", ".xz", ".bz2", ".zst", NULL };

	drop_ending(&from_root, packed);
	return put(ret->file, sizeof(ret->file), "/", from_root);
}

/* ---- names that people choose ---- */

/* Options are a run of letters, each once: "-tan". Words are those that a program's own syntax has.
 * Whatever else stands in the name ("before", a host, a date) is not the command's. */
struct program {
	const char *name, *letters;
	const char *words[6];
};

static const struct program programs[] = {
	{ "conntrack", "CLSo", { NULL } },
	{ "date", "Ru", { NULL } },
	{ "dmesg", "THPexrk", { NULL } },
	{ "ethtool", "Sgkc", { NULL } },
	{ "free", "bkmgw", { NULL } },
	{ "hostname", "f", { NULL } },
	{ "hostnamectl", "", { NULL } },
	{ "ifconfig", "a", { NULL } },
	{ "ip", "sdo46", { "addr", "address", "link", "neigh", "route", "show" } },
	{ "journalctl", "kb", { NULL } },
	{ "lscpu", "", { NULL } },
	{ "lsmod", "", { NULL } },
	{ "lsof", "nPi", { NULL } },
	{ "netstat", "aegilnoprstuvwxW46", { NULL } },
	{ "nstat", "asznrj", { NULL } },
	{ "ps", "eflLax", { "aux", "auxf", "auxw", "auxww", "auxwww", "auxwwwm" } },
	{ "ss", "aeilmnoprstuwxEHOTSZ46", { NULL } },
	{ "sysctl", "aAe", { NULL } },
	{ "tc", "sd", { "class", "filter", "qdisc", "show" } },
	{ "ulimit", "aHSnu", { NULL } },
	{ "uname", "armnsv", { NULL } },
	{ "uptime", "", { NULL } },
};

/* What may be named without the folders that it is in is told apart by its name alone. */
static const struct {
	const char *path;
	bool alone;
} known_files[] = {
	{ "/proc/cpuinfo", true },
	{ "/proc/loadavg", true },
	{ "/proc/meminfo", true },
	{ "/proc/net/arp", false },
	{ "/proc/net/dev", false },
	{ "/proc/net/netstat", false },
	{ "/proc/net/nf_conntrack", true },
	{ "/proc/net/snmp", false },
	{ "/proc/net/snmp6", true },
	{ "/proc/net/sockstat", true },
	{ "/proc/net/sockstat6", true },
	{ "/proc/net/softnet_stat", true },
	{ "/proc/net/stat/nf_conntrack", false },
	{ "/proc/net/tcp", false },
	{ "/proc/net/tcp6", false },
	{ "/proc/net/unix", false },
	{ "/proc/net/udp", false },
	{ "/proc/net/udp6", false },
	{ "/proc/stat", false },
	{ "/proc/sys/fs/file-max", true },
	{ "/proc/sys/fs/file-nr", true },
	{ "/proc/sys/net/core/somaxconn", true },
	{ "/proc/sys/net/ipv4/ip_local_port_range", true },
	{ "/proc/uptime", false },
	{ "/proc/version", false },
	{ "/etc/security/limits.conf", true },
	{ "/etc/sysctl.conf", true },
};

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == ' ' || c == '.' || c == '+';
}

/* Whether the name is the path with separators for its slashes. */
static bool spells(struct ta_slice name, const char *path)
{
	if (name.len != strlen(path))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] != path[i] &&
		    !(is_separator(name.data[i]) && (path[i] == '/' || is_separator(path[i]))))
			return false;
	return true;
}

static bool named_file(struct ta_slice name, struct ta_capture *ret)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(known_files); i++) {
		const char *path = known_files[i].path, *below = strchr(path + 1, '/') + 1;

		if (spells(name, path + 1) || (known_files[i].alone && spells(name, below)) ||
		    (begins(slice_of(below), "net/") && spells(name, below)) ||
		    (known_files[i].alone && spells(name, strrchr(path, '/') + 1)))
			return put(ret->file, sizeof(ret->file), "", slice_of(path));
	}
	return false;
}

/* "proc_769_limits" */
static bool named_process_file(struct ta_slice name, struct ta_capture *ret)
{
	static const char *const files[] = { "limits", "status", "stat", "cgroup", "cmdline" };
	size_t start = strlen("proc_"), end = start;

	if (!begins(name, "proc") || name.len <= start || !is_separator(name.data[start - 1]))
		return false;
	while (end < name.len && ta_is_digit(name.data[end]))
		end++;
	for (size_t i = 0; end > start && i < TA_ARRAY_SIZE(files); i++)
		if (name.len > end && is_separator(name.data[end]) &&
		    ta_slice_equals(behind(name, end + 1), files[i])) {
			int n = snprintf(ret->file, sizeof(ret->file), "/proc/%.*s/%s",
					 (int)(end - start), name.data + start, files[i]);

			return n > 0 && (size_t)n < sizeof(ret->file);
		}
	return false;
}

static struct ta_slice next_part(struct ta_slice *rest)
{
	struct ta_slice part;

	while (rest->len && is_separator(*rest->data))
		*rest = behind(*rest, 1);
	part = ta_slice(rest->data, 0);
	while (part.len < rest->len && !is_separator(rest->data[part.len]))
		part.len++;
	*rest = behind(*rest, part.len);
	return part;
}

static const struct program *find_program(struct ta_slice name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(programs); i++)
		if (ta_slice_equals(name, programs[i].name))
			return &programs[i];
	return NULL;
}

static bool is_word_of(const struct program *program, struct ta_slice part)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(program->words) && program->words[i]; i++)
		if (ta_slice_equals(part, program->words[i]))
			return true;
	return false;
}

static bool are_options_of(const struct program *program, struct ta_slice part)
{
	for (size_t i = 0; i < part.len; i++)
		if (!strchr(program->letters, part.data[i]) ||
		    memchr(part.data, part.data[i], i) != NULL)
			return false;
	return part.len > 0;
}

static bool named_command(struct ta_slice name, struct ta_capture *ret)
{
	struct ta_slice rest = name;
	const struct program *program = find_program(next_part(&rest));
	size_t len;

	if (!program || is_separator(*name.data))
		return false;
	len = (size_t)snprintf(ret->command, sizeof(ret->command), "%s", program->name);
	while (rest.len && len < sizeof(ret->command)) {
		struct ta_slice part = next_part(&rest);
		bool word = is_word_of(program, part);

		if (word || are_options_of(program, part))
			len += (size_t)snprintf(ret->command + len, sizeof(ret->command) - len,
						" %s%.*s", word ? "" : "-", (int)part.len,
						part.data);
	}
	return len < sizeof(ret->command);
}

static bool chosen_name(struct ta_slice name, struct ta_capture *ret)
{
	static const char *const endings[] = { ".gz",  ".xz",  ".bz2",    ".zst", ".txt",
					       ".out", ".log", ".output", ".cmd", NULL };

	while (drop_ending(&name, endings))
		;
	return named_command(name, ret) || named_file(name, ret) || named_process_file(name, ret);
}

/* ---- the path ---- */

static bool capture(struct ta_slice path, struct ta_capture *ret)
{
	static const char *const copied[] = { "etc", "lib", "proc", "run", "sys", "usr", "var" };
	struct ta_slice rest = path, part = rest;

	while (rest.len) {
		struct ta_slice from_here = rest;

		part = ta_slice_cut(&rest, '/');
		if (!rest.len)
			break;
		if (ta_slice_equals(part, "sos_commands") || ta_slice_equals(part, "sos_strings"))
			return sos_command(rest, ret);
		for (size_t i = 0; i < TA_ARRAY_SIZE(copied); i++)
			if (ta_slice_equals(part, copied[i]))
				return copied_file(from_here, ret);
	}
	return part.len && chosen_name(part, ret);
}

bool ta_member_capture(const char *path, struct ta_capture *ret)
{
	*ret = (struct ta_capture){ .tail = false };
	if (capture(slice_of(path), ret))
		return true;
	*ret = (struct ta_capture){ .tail = false };
	return false;
}
