/* sysctl_key.c - see sysctl_key.h. sysctl_normalize() of systemd, slashdot() of procps. */
#include "snapshot/sysctl_key.h"

#include <string.h>

/* Slashes for dots and dots for slashes, unless the first separator is a slash: then the key is a
 * path already. */
static bool normalize(const char *key, size_t len, char *path)
{
	bool dotted = false, decided = false;

	if (len >= TA_SYSCTL_PATH_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = key[i];

		if (!decided && (c == '.' || c == '/')) {
			decided = true;
			dotted = c == '.';
		}
		path[i] = !dotted ? c : c == '.' ? '/' : c == '/' ? '.' : c;
	}
	path[len] = '\0';
	return true;
}

/* "/net//core/" -> "net/core". False for a path that is none, or leads out of /proc/sys. */
static bool simplify(char *path)
{
	char *out = path;

	for (const char *at = path; *at;) {
		size_t len = strcspn(at, "/");

		if ((len == 1 && at[0] == '.') || (len == 2 && memcmp(at, "..", 2) == 0))
			return false;
		if (len && out > path)
			*out++ = '/';
		memmove(out, at, len);
		out += len;
		at += len + (at[len] == '/');
	}
	*out = '\0';
	return out > path;
}

bool ta_sysctl_path(const char *key, size_t len, char *path)
{
	return normalize(key, len, path) && simplify(path);
}

void ta_sysctl_key(const char *path, char *ret, size_t size)
{
	for (; *path && size > 1; path++, size--)
		*ret++ = *path == '/' ? '.' : *path == '.' ? '/' : *path;
	*ret = '\0';
}
