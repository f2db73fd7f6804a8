/* macros.h - scope clean-up and other things that C leaves to us. */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#include <stddef.h>
#include <stdlib.h>

#define TA_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ta_auto(ta_buf_done) struct ta_buf b;  - the function gets the variable's address when the
 * scope ends. TA_DEFINE_AUTO makes such a function from a destructor that takes a pointer. */
#define ta_auto(func) __attribute__((cleanup(func)))

#define TA_DEFINE_AUTO(type, destructor)                                                           \
	static inline void destructor##_p(type **p)                                                \
	{                                                                                          \
		destructor(*p);                                                                    \
	}

/* Hands a pointer over: evaluates to it and leaves NULL behind. */
#define TA_TAKE(p)                                                                                 \
	__extension__({                                                                            \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

static inline void ta_free_p(void *p)
{
	free(*(void **)p);
}

#define ta_auto_free __attribute__((cleanup(ta_free_p)))

#endif
