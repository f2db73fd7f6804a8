/* sysctl_key.h - the two forms of a sysctl's name: with dots for people, a path below /proc/sys. */
#ifndef SNAPSHOT_SYSCTL_KEY_H
#define SNAPSHOT_SYSCTL_KEY_H

#include <stdbool.h>
#include <stddef.h>

enum { TA_SYSCTL_PATH_MAX = 256 };

/* "net.ipv4.conf.eth0/100.forwarding" -> "net/ipv4/conf/eth0.100/forwarding"; what begins with a
 * slash, or has one before the first dot, is a path already. False, with path undefined, for one
 * that is too long for its TA_SYSCTL_PATH_MAX bytes, empty, or leads out of /proc/sys. */
bool ta_sysctl_path(const char *key, size_t len, char *path);

/* A path in the form that sysctl -a prints: "net.ipv4.conf.eth0/100.forwarding". */
void ta_sysctl_key(const char *path, char *ret, size_t size);

#endif
