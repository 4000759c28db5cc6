/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-painter.h"

typedef enum
{
  PSP_STREET_HIGH_STREET,
  PSP_STREET_TERRACE,
  PSP_STREET_SUBURB,
  PSP_STREET_PARK,
  PSP_STREET_BOULEVARD,
  PSP_STREET_N_KINDS,
} PspStreetKind;

typedef enum
{
  PSP_STREET_END_OPEN,
  PSP_STREET_END_HOUSES,
  PSP_STREET_END_TREES,
  PSP_STREET_N_ENDS,
} PspStreetEnd;

/**
 * PspStreet:
 * @half_width: of the road, which runs along z with its middle at x = 0
 * @pavement: width of each pavement
 * @far_z: where the street ends
 * @crossing_from: start of a cross street; equal to @crossing_to where there is none
 * @crossing_to: end of it
 * @zebra_z: where the zebra crossing begins; 0: there is none
 *
 * The plan of the street, in metres.
 */
typedef struct
{
  PspStreetKind kind;
  PspStreetEnd  end;
  double        half_width, pavement, far_z, crossing_from, crossing_to, zebra_z;
  gboolean      is_green[2];     /* left, right: grass behind the pavement */
  guint32       seed;
} PspStreet;

void        psp_street_init        (PspStreet       *self,
                                    GRand           *rand);
const char *psp_street_get_name    (const PspStreet *self);

/* x of the building line on the right, and minus that on the left. */
double      psp_street_get_line    (const PspStreet *self);

/* Whether there is a cross street at @z. */
gboolean    psp_street_crosses     (const PspStreet *self,
                                    double           z);

/* Everything that lies flat: grass, pavements, kerbs, road, markings. */
void        psp_street_draw_ground (const PspStreet *self,
                                    PspPainter      *painter);
