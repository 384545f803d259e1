// The page of `voydc perf size --html`, page.html as bytes.
#ifndef VOYD_PERF_SIZE_PAGE_H
#define VOYD_PERF_SIZE_PAGE_H

#include <stddef.h>

extern const unsigned char size_page[];
extern const size_t size_page_length;

#endif
