// Text in columns.
#include "svcat/table.hpp"

#include <gtest/gtest.h>

namespace svcat {
namespace {

TEST(Table, has_columns_as_wide_as_their_widest_cell_and_no_trailing_blanks) {
  Table table({"NAME", "STATUS"});
  EXPECT_TRUE(table.empty());
  table.add({"a-long-name", "Ready"});
  table.add({"b", ""});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(table.to_text(),
            "NAME          STATUS\n"
            "a-long-name   Ready\n"
            "b\n");
  EXPECT_EQ(Table({"NAME"}).to_text(), "NAME\n");
}

TEST(Table, is_indented_as_asked) {
  Table table({"A"});
  table.add({"b"});
  EXPECT_EQ(table.to_text("  "), "  A\n  b\n");
}

TEST(Table, counts_characters_and_not_bytes) {
  Table table({"N", "S"});
  table.add({"\u00f6\u4e2d", "x"});
  table.add({"ab", "y"});
  EXPECT_EQ(table.to_text(), "N    S\n\u00f6\u4e2d   x\nab   y\n");
}

TEST(Table, keeps_what_others_wrote_from_moving_the_cursor) {
  const struct {
    std::string cell, shown;
  } table[] = {
      {"a\nb", "a b"},
      {"a\r\nb", "a  b"},
      {"a\tb", "a b"},
      {"\x1b[2Jb", " [2Jb"},
      {"a\x7f", "a"},
      {"a\u009b2Jb", "a 2Jb"},
      {"\u00a0\u00c0", "\u00a0\u00c0"},
  };
  for (const auto& each : table) {
    Table shown({"H"});
    shown.add({each.cell});
    EXPECT_EQ(shown.to_text(), "H\n" + each.shown + "\n");
    FieldList fields;
    fields.add("F", each.cell);
    EXPECT_EQ(fields.to_text(""), "F:   " + each.shown + "\n");
  }
}

TEST(Table, takes_a_row_of_too_few_or_too_many_cells) {
  Table table({"A", "B"});
  table.add({"a"});
  table.add({"a", "b", "c"});
  EXPECT_EQ(table.to_text(), "A   B\na\na   b\n");
}

TEST(FieldList, has_its_values_below_each_other) {
  FieldList fields;
  fields.add("Name", "s3");
  fields.add("Description", "");
  fields.add_if_any("Nothing", "");
  fields.add_if_any("URL", "https://example.com");
  EXPECT_EQ(fields.to_text(),
            "  Name:          s3\n"
            "  Description:\n"
            "  URL:           https://example.com\n");
  EXPECT_EQ(FieldList().to_text(), "");
}

TEST(Indented, puts_the_indent_before_every_line) {
  EXPECT_EQ(indented("a\n  b\n"), "  a\n    b\n");
  EXPECT_EQ(indented("a", "> "), "> a\n");
  EXPECT_EQ(indented(""), "");
}

}  // namespace
}  // namespace svcat
