/* own_file.h - the files that tcpadvise writes settings to, and advises to write: all have one
 * name. Of a folder the later name wins: behind those of packages (50-), before an administrator's
 * (99-).
 */
#ifndef SNAPSHOT_OWN_FILE_H
#define SNAPSHOT_OWN_FILE_H

#define TA_OWN_NAME        "90-tcpadvise.conf"
#define TA_OWN_SYSCTL_FILE "/etc/sysctl.d/" TA_OWN_NAME
#define TA_OWN_LIMITS_FILE "/etc/security/limits.d/" TA_OWN_NAME
#define TA_OWN_UNIT_FILE   "/etc/systemd/system/%s.d/" TA_OWN_NAME /* a format: of the unit */

#endif
