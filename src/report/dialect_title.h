/* dialect_title.h - what the dialect of a fix ("sysctl.d") is called before its lines. */
#ifndef REPORT_DIALECT_TITLE_H
#define REPORT_DIALECT_TITLE_H

/* NULL for the shell, which needs no introduction; the name itself for one that is not known. */
const char *ta_dialect_title(const char *dialect);

#endif
