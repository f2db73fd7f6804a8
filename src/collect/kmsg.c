/* kmsg.c - see kmsg.h. The format is in Documentation/ABI/testing/dev-kmsg (3.5):
 *
 *   PREFIX,SEQUENCE,MICROSECONDS,FLAG[,MORE...];TEXT
 *    KEY=VALUE
 *
 * PREFIX is syslog's, facility * 8 + level; a write from user space has facility 1 at least.
 * FLAG is "-", or "c" or "+" for a fragment: one that got torn off may begin with words of a user's
 * choice. In TEXT what is not printable is \xHH, and so is a backslash: no line break in a message
 * can begin another record. Each read() gives one record. */
#include "collect/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/language.h"
#include "base/number.h"
#include "snapshot/kernel_log.h"

enum {
	RECORDS_MAX = 1 << 18, /* a buffer of 16 MiB has fewer */
	DURATION_MAX_MS = 2000,
	RECORD_MAX = 8192, /* a read() with less room fails; CONSOLE_EXT_LOG_MAX of the kernel */
	DEVICE_MAJOR = 1,
	DEVICE_MINOR = 11, /* Documentation/admin-guide/devices.txt */
};

/* ---- one record ---- */

/* The field up to the next comma. */
static bool take_field(const char **at, const char *end, const char **ret, size_t *ret_len)
{
	const char *comma;

	if (*at >= end)
		return false;
	comma = memchr(*at, ',', (size_t)(end - *at));
	*ret = *at;
	*ret_len = (size_t)((comma ? comma : end) - *at);
	*at = comma ? comma + 1 : end;
	return true;
}

static bool take_number(const char **at, const char *end, uint64_t *ret)
{
	const char *field;
	size_t len;

	return take_field(at, end, &field, &len) && ta_parse_u64(field, len, 10, ret);
}

/* \xHH becomes the byte; anything else stands for itself. false when it does not fit. */
static bool decode_text(const char *text, size_t len, struct ta_kmsg_record *ret)
{
	ret->len = 0;
	for (size_t i = 0; i < len; i++) {
		uint64_t byte = (uint8_t)text[i];

		if (ret->len == sizeof(ret->text))
			return false;
		if (text[i] == '\\' && len - i >= 4 && text[i + 1] == 'x' &&
		    ta_parse_u64(text + i + 2, 2, 16, &byte))
			i += 3;
		ret->text[ret->len++] = (char)byte;
	}
	return true;
}

bool ta_kmsg_decode(const char *line, size_t len, struct ta_kmsg_record *ret)
{
	const char *end = memchr(line, ';', len), *at = line, *flag;
	uint64_t prefix, sequence, time_us;
	size_t flag_len;

	if (!end || !take_number(&at, end, &prefix) || !take_number(&at, end, &sequence) ||
	    !take_number(&at, end, &time_us) || !take_field(&at, end, &flag, &flag_len))
		return false;
	if (time_us > INT64_MAX)
		return false;
	ret->of_kernel = prefix < 8;
	ret->whole = flag_len == 1 && *flag == '-';
	ret->time_us = (int64_t)time_us;
	ret->len = 0;
	if (ret->of_kernel && !decode_text(end + 1, len - (size_t)(end + 1 - line), ret))
		ret->len = 0; /* no text that matters is that long */
	return true;
}

/* ---- all of them ---- */

struct reading {
	const struct ta_clock *clock;
	struct ta_kernel_log log;
	uint64_t records, malformed;
	bool in_long_line;
	bool cut;       /* at a bound */
	bool no_memory; /* the log could not grow */
};

static bool take_line(struct reading *reading, const char *line, size_t len)
{
	struct ta_kmsg_record record;

	if (reading->in_long_line) {
		reading->in_long_line = false;
		return true;
	}
	if (len && *line == ' ') /* KEY=VALUE of the record before */
		return true;
	reading->records++;
	if (!ta_kmsg_decode(line, len, &record))
		reading->malformed++;
	else if (record.of_kernel && record.whole &&
		 !ta_kernel_log_add(&reading->log, record.text, record.len, record.time_us))
		reading->no_memory = true;
	return !reading->no_memory;
}

/* Takes whole lines of data; returns where the first incomplete one begins. */
static size_t take_lines(struct reading *reading, const char *data, size_t len)
{
	const char *at = data, *end = data + len, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		if (!take_line(reading, at, (size_t)(newline - at)))
			break;
		at = newline + 1;
	}
	return (size_t)(at - data);
}

/* 0 at the end, else the errno. EPIPE: the kernel wrote over the record that was next; the one that
 * is the oldest now follows. */
static int read_some(int fd, char *data, size_t size, size_t *ret)
{
	ssize_t n;

	do
		n = read(fd, data, size);
	while (n < 0 && errno == EINTR);
	*ret = n > 0 ? (size_t)n : 0;
	if (n < 0)
		return errno == EPIPE ? EPIPE : errno == EAGAIN ? 0 : errno;
	return 0;
}

/* A writer that is as fast as we are must not keep us here. */
static bool is_enough(struct reading *reading, uint64_t reads, uint64_t until_us)
{
	if (reads >= RECORDS_MAX || reading->records >= RECORDS_MAX ||
	    reading->clock->monotonic_us(reading->clock->ctx) > until_us)
		reading->cut = true;
	return reading->cut;
}

/* 0 or an errno. */
static int read_log(struct reading *reading, int fd)
{
	uint64_t until_us = reading->clock->monotonic_us(reading->clock->ctx) +
			    UINT64_C(1000) * DURATION_MAX_MS;
	char data[4 * RECORD_MAX];
	size_t held = 0, used, n;

	for (uint64_t reads = 0; !is_enough(reading, reads, until_us); reads++) {
		int failed = read_some(fd, data + held, sizeof(data) - held, &n);

		if (failed == EPIPE)
			continue;
		if (failed)
			return failed;
		if (n == 0)
			return held == 0 || take_line(reading, data, held) ? 0 : ENOMEM;
		held += n;
		used = take_lines(reading, data, held);
		if (reading->no_memory)
			return ENOMEM;
		held -= used;
		memmove(data, data + used, held);
		if (sizeof(data) - held < RECORD_MAX) { /* a line that no kernel printed */
			reading->malformed += !reading->in_long_line;
			reading->in_long_line = true;
			held = 0;
		}
	}
	return 0;
}

/* In a container /dev/kmsg may be anything, such as the console. */
static bool is_log(const struct ta_root *root, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if (!root->live)
		return S_ISREG(st.st_mode);
	return S_ISCHR(st.st_mode) && st.st_rdev == makedev(DEVICE_MAJOR, DEVICE_MINOR);
}

static void build_gap(struct ta_builder *builder, const char *why)
{
	ta_build_gap(builder, N_("the kernel log"), why, "kernel_log", NULL);
}

static void build_bounds(const struct reading *reading, struct ta_builder *builder)
{
	char what[64];

	if (reading->cut)
		ta_build_gap(builder, N_("the end of the kernel log"),
			     N_("it is too long to be read in two seconds"), "kernel_log", NULL);
	if (reading->malformed) {
		snprintf(what, sizeof(what), "%llu lines of the kernel log",
			 (unsigned long long)reading->malformed);
		ta_build_gap(builder, what, N_("they are not in the form of /dev/kmsg"),
			     "kernel_log", NULL);
	}
	if (reading->log.dropped) {
		snprintf(what, sizeof(what), "%llu lines of the kernel log",
			 (unsigned long long)reading->log.dropped);
		ta_build_gap(builder, what,
			     N_("only the latest ports and namespaces of an event are kept"),
			     "kernel_log", NULL);
	}
}

void ta_kmsg_build(const struct ta_root *root, const struct ta_clock *clock, int64_t now_us,
		   struct ta_builder *builder)
{
	ta_auto_close int fd = openat(root->fd, root->live ? "dev/kmsg" : "kmsg",
				      O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct reading reading = { .clock = clock };
	int failed;

	if (fd < 0 && (errno == EPERM || errno == EACCES)) {
		build_gap(builder,
			  "not permitted: needs CAP_SYSLOG where kernel.dmesg_restrict is 1");
		return;
	}
	if (fd < 0) {
		build_gap(builder, strerror(errno));
		return;
	}
	if (!is_log(root, fd)) {
		build_gap(builder, root->live
					   ? "/dev/kmsg is another device here, as in a container"
					   : "kmsg is no plain file");
		return;
	}
	failed = read_log(&reading, fd);
	if (reading.no_memory)
		builder->failed = true;
	else if (failed)
		build_gap(builder, strerror(failed));
	else
		ta_kernel_log_build(&reading.log, now_us, builder,
				    ta_build_array(builder, builder->root, "kernel_log"));
	if (!failed)
		build_bounds(&reading, builder);
	ta_kernel_log_done(&reading.log);
}
