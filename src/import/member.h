/* member.h - what a member of a report or support bundle holds, told by its path. */
#ifndef IMPORT_MEMBER_H
#define IMPORT_MEMBER_H

#include <stdbool.h>

struct ta_capture {
	char command[256];   /* "ss -peaonmi", else "" */
	char file[256];      /* "/proc/net/tcp", else "" */
	char namespace_[64]; /* the network namespace that it was run in; "": not told */
	bool tail;           /* only its end was kept: what it lists is not all */
};

/* The command or file that a path stands for: as sos names it ("sos_commands/kernel/sysctl_-a"),
 * a copy of a file ("proc/net/tcp"), or as people name it ("ss-tan.txt", "proc_net_tcp",
 * "dmesg.log"). False, with all of it "", when it tells nothing: the content may still do.
 *
 * sos writes '_' for blanks, quotes and more, so that words of a command that hold one come out
 * as two. /proc/PID/net is the network namespace of that process; where /proc/net is a link to
 * it, as sos packs it, it is the one that sos ran in. */
bool ta_member_capture(const char *path, struct ta_capture *ret);

#endif
