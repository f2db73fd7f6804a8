/* sysctl_conf.c - see sysctl_conf.h. parse_file() and sysctl_normalize() of systemd,
 * parse_setting_line() and slashdot() of procps. */
#include "collect/sysctl_conf.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "sockets/ports.h"

enum { NUMBERS_MAX = 8, NUMBER_TEXT = 32 };

/* ---- lines ---- */

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void strip(const char **text, size_t *len)
{
	while (*len && is_blank((*text)[*len - 1]))
		--*len;
	while (*len && is_blank(**text))
		++*text, --*len;
}

void ta_sysctl_parse_line(const char *line, size_t len, struct ta_sysctl_line *ret)
{
	const char *equals;
	size_t key_len;
	bool dash;

	*ret = (struct ta_sysctl_line){ .kind = TA_SYSCTL_NOTHING };
	len = strnlen(line, len);
	strip(&line, &len);
	if (len < 2 || *line == '#' || *line == ';')
		return;
	equals = memchr(line, '=', len);
	dash = *line == '-';
	if (!equals && !dash)
		return;
	if (equals) {
		ret->value = equals + 1;
		ret->value_len = len - (size_t)(equals + 1 - line);
		strip(&ret->value, &ret->value_len);
	}
	line += dash;
	key_len = (equals ? (size_t)(equals - line) : len - 1);
	strip(&line, &key_len);
	if (!ta_sysctl_path(line, key_len, ret->path))
		return;
	ret->glob = strpbrk(ret->path, "*?[");
	ret->kind = equals ? TA_SYSCTL_SET : TA_SYSCTL_EXCLUDE;
}

/* ---- values ---- */

struct number {
	bool negative;
	uint64_t size;
};

/* As the kernel takes it: decimal, 0x1f or 017 (proc_get_long()). */
static bool parse_number(const char *word, size_t len, struct number *ret)
{
	char text[NUMBER_TEXT], *end;

	if (len == 0 || len >= sizeof(text))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	ret->negative = *text == '-';
	if (text[ret->negative] < '0' || text[ret->negative] > '9')
		return false;
	errno = 0;
	ret->size = strtoull(text + ret->negative, &end, 0);
	return !*end && !errno;
}

static int compare_numbers(const struct number *a, const struct number *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	if (a->size == b->size)
		return 0;
	return (a->size < b->size) != a->negative ? -1 : 1;
}

/* The numbers of a text that has nothing else; their count, 0 when it is another text. */
static size_t parse_numbers(const char *text, size_t len, struct number *ret)
{
	const char *word;
	size_t word_len, count = 0;

	while (ta_next_word(&text, &len, &word, &word_len))
		if (count == NUMBERS_MAX || !parse_number(word, word_len, &ret[count++]))
			return 0;
	return count;
}

static enum ta_sysctl_order order_of(int order)
{
	return order < 0 ? TA_SYSCTL_LOWER : order > 0 ? TA_SYSCTL_HIGHER : TA_SYSCTL_OTHER;
}

/* A range is lower when it has fewer ports. */
static enum ta_sysctl_order order_of_ranges(const struct number *ours, const struct number *theirs)
{
	int64_t width = (int64_t)(ours[1].size - ours[0].size);
	int64_t other = (int64_t)(theirs[1].size - theirs[0].size);

	return order_of((width > other) - (width < other));
}

/* Of several numbers the kernel takes as many as it is given. */
static enum ta_sysctl_order compare_vectors(const char *path, const struct number *ours,
					    size_t count, const struct number *theirs, size_t all)
{
	bool same = count <= all;

	for (size_t i = 0; same && i < count; i++)
		same = compare_numbers(&ours[i], &theirs[i]) == 0;
	if (same)
		return TA_SYSCTL_SAME;
	if (count != all)
		return TA_SYSCTL_OTHER;
	if (strcmp(path, "net/ipv4/ip_local_port_range") == 0)
		return count == 2 ? order_of_ranges(ours, theirs) : TA_SYSCTL_OTHER;
	return order_of(compare_numbers(&ours[count - 1], &theirs[count - 1]));
}

/* nf_ct_alloc_hashtable() fills whole pages: of pointers of 4 or 8 bytes. */
static bool is_rounded_up(const char *path, const struct number *ours, const struct number *theirs)
{
	return strcmp(path, "net/netfilter/nf_conntrack_buckets") == 0 &&
	       theirs->size >= ours->size && theirs->size - ours->size < 1024;
}

static enum ta_sysctl_order compare_ports(const char *value, size_t value_len, const char *runtime,
					  size_t runtime_len)
{
	struct ta_port_set ours = { 0 }, theirs = { 0 };

	if (!ta_ports_parse_list(value, value_len, &ours) ||
	    !ta_ports_parse_list(runtime, runtime_len, &theirs))
		return TA_SYSCTL_UNKNOWN;
	return memcmp(&ours, &theirs, sizeof(ours)) == 0 ? TA_SYSCTL_SAME : TA_SYSCTL_OTHER;
}

static enum ta_sysctl_order compare_words(const char *value, size_t value_len, const char *runtime,
					  size_t runtime_len)
{
	const char *a, *b;
	size_t a_len, b_len;
	bool has_a, has_b;

	do {
		has_a = ta_next_word(&value, &value_len, &a, &a_len);
		has_b = ta_next_word(&runtime, &runtime_len, &b, &b_len);
		if (has_a != has_b || (has_a && (a_len != b_len || memcmp(a, b, a_len) != 0)))
			return TA_SYSCTL_OTHER;
	} while (has_a);
	return TA_SYSCTL_SAME;
}

/* Bit masks are printed padded, and the list of algorithms in the order of their registration. */
static bool is_printed_in_its_own_way(const char *path)
{
	static const char *const paths[] = { "net/core/flow_limit_cpu_bitmap",
					     "net/core/rps_default_mask",
					     "net/ipv4/tcp_allowed_congestion_control" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(path, paths[i]) == 0)
			return true;
	return false;
}

enum ta_sysctl_order ta_sysctl_compare(const char *path, const char *value, size_t value_len,
				       const char *runtime, size_t runtime_len)
{
	struct number ours[NUMBERS_MAX], theirs[NUMBERS_MAX];
	size_t count, all;

	if (is_printed_in_its_own_way(path))
		return TA_SYSCTL_UNKNOWN;
	strip(&value, &value_len);
	strip(&runtime, &runtime_len);
	if (strcmp(path, "net/ipv4/ip_local_reserved_ports") == 0)
		return compare_ports(value, value_len, runtime, runtime_len);
	count = parse_numbers(value, value_len, ours);
	all = parse_numbers(runtime, runtime_len, theirs);
	if (!count || !all)
		return compare_words(value, value_len, runtime, runtime_len);
	if (is_rounded_up(path, ours, theirs))
		return TA_SYSCTL_SAME;
	return compare_vectors(path, ours, count, theirs, all);
}
