/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether the address sanitizer was compiled in, which takes memory of its own and keeps what was
 * freed: what a process takes says nothing then. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED TRUE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED TRUE
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED FALSE
#endif
