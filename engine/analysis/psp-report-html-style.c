/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-report-html-private.h"

static const char STYLE[] =
  "<style>\n"
  ":root{--page:#fafafa;--card:#fff;--text:#1d1d20;--dim:#5e5c64;--line:#dcdce0;"
  "--right:28,113,216;--wrong:198,70,0}\n"
  "@media(prefers-color-scheme:dark){:root{--page:#1d1d20;--card:#2a2a2e;--text:#f2f2f4;"
  "--dim:#b0afb6;--line:#44444a;--right:53,132,228;--wrong:230,97,0}}\n"
  "*{box-sizing:border-box}\n"
  "body{margin:0 auto;padding:24px;max-width:1280px;background:var(--page);color:var(--text);"
  "font:15px/1.45 Cantarell,'Segoe UI',Roboto,'Helvetica Neue',sans-serif;"
  "font-variant-numeric:tabular-nums}\n"
  "h1{font-size:24px;margin:8px 0 16px}h2{font-size:17px;margin:0 0 12px}\n"
  "section{background:var(--card);border:1px solid var(--line);border-radius:12px;"
  "padding:16px 20px;margin:0 0 16px;overflow-x:auto}\n"
  ".tiles{display:flex;flex-wrap:wrap;gap:12px 40px;color:var(--dim)}\n"
  ".tiles b{display:block;font-size:26px;font-weight:600;color:var(--text)}\n"
  "dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px;margin:0}\n"
  "dt{color:var(--dim)}dd{margin:0}\n"
  "table{border-collapse:collapse}\n"
  "th{font-weight:normal;text-align:left}td{text-align:right}\n"
  "i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:8px;"
  "border:1px solid rgba(128,128,128,.6);vertical-align:-1px}\n"
  ".list{width:100%}.list th,.list td{padding:4px 10px;border-bottom:1px solid var(--line);"
  "white-space:nowrap}\n"
  ".list tr:first-child th{color:var(--dim)}\n"
  ".list tr:first-child th:nth-child(n+3){text-align:right}\n"
  ".list td.text,.list tr:first-child th.text:nth-child(n){text-align:left}\n"
  ".bar{width:30%;min-width:120px}\n"
  ".bar span{display:block;height:12px;border-radius:3px;background:rgb(var(--right))}\n"
  ".matrix th{padding:2px 8px 2px 0;white-space:nowrap}\n"
  ".matrix .top{padding:0 0 6px;vertical-align:bottom;text-align:left}\n"
  ".matrix .top span{writing-mode:vertical-rl;transform:rotate(180deg)}\n"
  ".matrix .top i{margin:8px 0}\n"
  ".matrix td{min-width:36px;height:26px;padding:0 4px;text-align:center;font-size:12px;"
  "border:1px solid var(--line)}\n"
  ".matrix.small td{min-width:14px;width:14px;height:14px;padding:0}\n"
  ".matrix.small th{font-size:11px;line-height:13px;padding-top:0;padding-bottom:0}\n"
  ".worst{width:100%}.worst td,.worst th{padding:6px;vertical-align:top;"
  "border-bottom:1px solid var(--line)}\n"
  ".worst td{text-align:left}.worst tr:first-child th{color:var(--dim)}\n"
  ".worst img{display:block;max-width:100%;height:auto;border-radius:4px}\n"
  ".dim,footer{color:var(--dim)}p{margin:0 0 10px}ul{margin:0;padding-left:20px}\n"
  "footer{font-size:13px;padding:0 4px}\n";

#define N_SHADES 10

/* The darkest shade that dark text still reads well on. */
#define READABLE 8

/* One class of cells for each shade, of right (diagonal) and wrong pixels. */
void
psp_report_html_append_style (GString *page)
{
  g_string_append (page, STYLE);
  for (int shade = 1; shade <= N_SHADES; shade++)
    {
      const char *text = shade > READABLE ? ";color:#fff" : "";

      g_string_append_printf (page, ".r%d{background:rgba(var(--right),", shade);
      psp_report_append_number (page, "%.2f", (double) shade / N_SHADES);
      g_string_append_printf (page, ")%s}.w%d{background:rgba(var(--wrong),", text, shade);
      psp_report_append_number (page, "%.2f", (double) shade / N_SHADES);
      g_string_append_printf (page, ")%s}\n", text);
    }
  g_string_append (page, "</style>\n");
}
