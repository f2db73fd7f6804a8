/* proc_tcp.c - see proc_tcp.h. */
#include "collect/proc_tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "sockets/proc_tcp_line.h"

/* Decodes whole lines of data; *ret_used is where the first incomplete one begins. */
static bool sink_lines(const char *data, size_t len, bool *first, size_t *ret_used,
		       ta_socket_sink sink, void *ctx, struct ta_proc_tcp_stats *stats)
{
	const char *at = data, *end = data + len, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		struct ta_socket socket;

		if (ta_proc_tcp_decode(at, (size_t)(newline - at), &socket)) {
			if (!sink(ctx, &socket))
				return false;
		} else if (!*first) {
			stats->malformed++;
		}
		*first = false;
		at = newline + 1;
	}
	*ret_used = (size_t)(at - data);
	return true;
}

int ta_proc_tcp_read(const struct ta_root *root, const char *path, ta_socket_sink sink, void *ctx,
		     struct ta_proc_tcp_stats *stats)
{
	ta_auto_close int fd = openat(root->proc_fd, path, O_RDONLY | O_CLOEXEC);
	char data[32768];
	size_t held = 0;
	bool first = true;

	if (fd < 0)
		return errno;
	for (;;) {
		ssize_t n = read(fd, data + held, sizeof(data) - held);
		size_t used = 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		held += (size_t)n;
		if (!sink_lines(data, held, &first, &used, sink, ctx, stats))
			return 0;
		held -= used;
		memmove(data, data + used, held);
		if (held == sizeof(data)) { /* no line of the kernel's is that long */
			stats->malformed++;
			held = 0;
		}
	}
	stats->malformed += held > 0;
	return 0;
}
