/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-progress.h"

static double
range_of (PspProgress self)
{
  return self.length > 0 ? self.length : 1;
}

PspProgress
psp_progress_part (PspProgress self,
                   double      start,
                   double      length)
{
  return (PspProgress) {
    .func = self.func,
    .data = self.data,
    .start = self.start + start * range_of (self),
    .length = length * range_of (self),
  };
}

void
psp_progress_report (PspProgress self,
                     double      fraction)
{
  if (self.func != NULL)
    self.func (self.start + CLAMP (fraction, 0, 1) * range_of (self), self.data);
}
