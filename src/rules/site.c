/* site.c - see site.h. */
#include "rules/site.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/shell.h"

enum { MAX_LINE = 1 << 17 }; /* more than a rule's own line can be, and the way there */

/* ---- which namespace --------------------------------------------------------------- */

static bool is_kind(const json_t *ns, const char *kind)
{
	return strcmp(ta_json_text(ns, "kind"), kind) == 0;
}

static const json_t *namespace_of_process(const json_t *snapshot, const json_t *process)
{
	const json_t *inode = json_object_get(process, "netns");
	size_t i;
	json_t *ns;

	if (!json_is_integer(inode))
		return NULL;
	json_array_foreach (json_object_get(snapshot, "namespaces"), i, ns)
		if (json_equal(json_object_get(ns, "inode"), inode))
			return ns;
	return NULL;
}

/* Where the program ran is where its reader is: in the namespace called "current" where there is
 * one, else in the host's. One of which nobody says what it is may be that, too. */
static bool is_elsewhere(const json_t *snapshot, const json_t *ns)
{
	size_t i;
	json_t *other;

	if (!ns || !json_object_get(ns, "kind") || is_kind(ns, "current"))
		return false;
	if (!is_kind(ns, "host"))
		return true;
	json_array_foreach (json_object_get(snapshot, "namespaces"), i, other)
		if (is_kind(other, "current"))
			return true;
	return false;
}

/* ---- how to enter it --------------------------------------------------------------- */

/* NAME of /run/netns/NAME, where ip(8) finds it; NULL when it is elsewhere. */
static const char *ip_name(const char *path)
{
	static const char *const folders[] = { "/run/netns/", "/var/run/netns/" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(folders); i++) {
		const char *name = path + strlen(folders[i]);

		if (strncmp(path, folders[i], strlen(folders[i])) == 0 && ta_shell_is_plain(name) &&
		    !strchr(name, '/'))
			return name;
	}
	return NULL;
}

static void find_way(struct ta_site *site)
{
	const char *path = ta_json_text(site->ns, "path");
	const json_t *pid = json_object_get(site->ns, "pid");
	size_t size = sizeof(site->enter);
	int len = 0;

	if (ip_name(path))
		len = snprintf(site->enter, size, "ip netns exec %s ", ip_name(path));
	else if (json_is_integer(pid) && json_integer_value(pid) > 0)
		len = snprintf(site->enter, size,
			       "nsenter --target %" JSON_INTEGER_FORMAT " --net ",
			       json_integer_value(pid));
	else if (*path == '/' && ta_shell_is_plain(path))
		len = snprintf(site->enter, size, "nsenter --net=%s ", path);
	if (len < 0 || (size_t)len >= size)
		site->enter[0] = '\0';
}

void ta_site_find(const json_t *snapshot, const json_t *ns, const json_t *element,
		  struct ta_site *ret)
{
	struct ta_site site = { .ns = ns ? ns : namespace_of_process(snapshot, element) };

	site.elsewhere = is_elsewhere(snapshot, site.ns);
	if (site.elsewhere)
		find_way(&site);
	*ret = site;
}

/* ---- lines for the shell ----------------------------------------------------------- */

/* Whether the line's first word is this. */
static bool begins_with(const char *line, const char *word)
{
	size_t len = strlen(word);

	return strncmp(line, word, len) == 0 && (line[len] == ' ' || !line[len]);
}

/* Whether the line asks, or tells, what each network namespace has its own of. */
static bool is_about_network(const char *line)
{
	static const char *const tools[] = { "conntrack", "ethtool",    "ip",        "iptables",
					     "mtr",       "nft",        "nstat",     "ping",
					     "ss",        "sysctl",     "tc",        "tcpdump",
					     "tcpadvise", "traceroute", "tracepath", "watch" };
	static const char *const readers[] = { "awk", "cat", "grep", "sh", "while" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(tools); i++)
		if (begins_with(line, tools[i]))
			return true;
	for (size_t i = 0; i < TA_ARRAY_SIZE(readers); i++)
		if (begins_with(line, readers[i]))
			return strstr(line, "/proc/net/") || strstr(line, "/proc/sys/net/");
	return false;
}

/* Whether it is more than one command (pipes apart: what stands behind one sees no network). */
static bool is_list(const char *line)
{
	char quote = '\0';

	for (; *line; line++) {
		if (quote ? *line == quote : *line == '\'' || *line == '"')
			quote = quote ? '\0' : *line;
		else if (!quote && (*line == ';' || strncmp(line, "&&", 2) == 0))
			return true;
	}
	return false;
}

/* The line as it has to be typed there. */
static json_t *line_there(const struct ta_site *site, const char *line)
{
	static const char sudo[] = "sudo ";
	ta_auto(ta_buf_done) struct ta_buf placed = TA_BUF_INIT(MAX_LINE);
	bool by_sudo = strncmp(line, sudo, strlen(sudo)) == 0;
	const char *command = by_sudo ? line + strlen(sudo) : line;
	bool list = is_list(command);

	if (!*site->enter || !is_about_network(command) || (list && strchr(command, '\'')))
		return json_string(line);
	ta_buf_printf(&placed, "%s%s%s%s%s", by_sudo ? sudo : "", site->enter,
		      list ? "sh -c '" : "", command, list ? "'" : "");
	return ta_buf_ok(&placed, NULL) ? json_string(ta_buf_cstr(&placed)) : NULL;
}

/* Prose may begin with a command: "ss -ltn shows ...". */
static bool put_prose(const struct ta_site *site, json_t *fix, const char *member)
{
	const char *prose = ta_json_string(fix, member);

	return !prose || is_list(prose) || ta_json_set(fix, member, line_there(site, prose));
}

bool ta_site_fix(const struct ta_site *site, json_t *fix)
{
	json_t *lines = json_object_get(json_object_get(fix, "commands"), "shell"), *line;
	bool ok = true;
	size_t i;

	if (!*site->enter)
		return true;
	json_array_foreach (lines, i, line)
		ok = ok &&
		     json_array_set_new(lines, i, line_there(site, json_string_value(line))) == 0;
	return ok && put_prose(site, fix, "verify") && put_prose(site, fix, "revert");
}
