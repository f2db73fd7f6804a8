/* diag_module.h - would asking sock_diag make the kernel load a module? */
#ifndef COLLECT_DIAG_MODULE_H
#define COLLECT_DIAG_MODULE_H

#include "collect/root.h"

/* The kernel loads tcp_diag by itself when somebody asks for TCP sockets and it is not there. True
 * when it is there, or when nothing can be loaded anyway: then asking changes nothing. release is
 * uname -r. */
bool ta_diag_module_is_settled(const struct ta_root *root, const char *release);

#endif
