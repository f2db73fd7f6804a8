/* member.h - what a member of a report or support bundle holds, told by its path. */
#ifndef IMPORT_MEMBER_H
#define IMPORT_MEMBER_H

#include <stdbool.h>

struct ta_capture {
	char command[256];   /* "ss -peaonmi", else "" */
	char file[256];      /* "/proc/net/tcp", else "" */
	char namespace_[64]; /* the network namespace that it was run in; "": not told */
};

/* The command or file that a path stands for: as sos names it ("sos_commands/kernel/sysctl_-a"),
 * a copy of a file ("proc/net/tcp"), or as people name it ("ss-tan.txt", "proc_net_tcp",
 * "dmesg.log"). False, with all of it "", when it tells nothing: the content may still do. */
bool ta_member_capture(const char *path, struct ta_capture *ret);

#endif
