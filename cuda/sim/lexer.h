// Words of PTX text. Place in the whole: parse.cpp's only view of the text.
#pragma once
#include <cctype>
#include <string>
#include <string_view>

#include "interpreter.h"

namespace sinter::sim::ptx {

// A word (identifier, directive, mnemonic, number), a string without its quotes, or one character of punctuation.
struct Token {
  enum class Kind : uint8_t { kWord, kNumber, kString, kPunctuation, kEnd };
  Kind kind = Kind::kEnd;
  std::string_view text;
  int line = 1;

  bool is(std::string_view what) const { return kind != Kind::kString && text == what; }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) { advance(); }

  const Token& peek() const { return token_; }
  Token next() {
    Token result = token_;
    advance();
    return result;
  }
  bool accept(std::string_view what) {
    if (!token_.is(what)) return false;
    advance();
    return true;
  }
  Token expect(std::string_view what) {
    if (!token_.is(what)) throw ParseError(token_.line, "expected '" + std::string(what) + "', found " + shown());
    return next();
  }
  Token expect_word() {
    if (token_.kind != Token::Kind::kWord) throw ParseError(token_.line, "expected a name, found " + shown());
    return next();
  }
  std::string shown() const {
    return token_.kind == Token::Kind::kEnd ? "the end of the text" : "'" + std::string(token_.text) + "'";
  }

 private:
  static bool starts_word(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.';
  }
  static bool continues_word(char c) { return starts_word(c) || std::isdigit(static_cast<unsigned char>(c)); }

  void skip_space() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_.substr(at_, 2) == "//") {
        at_ = std::min(text_.find('\n', at_), text_.size()) - 1;
      } else if (text_.substr(at_, 2) == "/*") {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) throw ParseError(line_, "comment without an end");
        for (; at_ < end + 1; ++at_) line_ += text_[at_] == '\n';
      } else if (!std::isspace(static_cast<unsigned char>(text_[at_])) && text_[at_] != 0) {
        return;
      }
    }
  }

  void advance() {
    skip_space();
    token_.line = line_;
    if (at_ >= text_.size()) {
      token_.kind = Token::Kind::kEnd;
      token_.text = {};
      return;
    }
    const size_t begin = at_;
    const char first = text_[at_++];
    if (starts_word(first)) {
      token_.kind = Token::Kind::kWord;
      for (; at_ < text_.size(); ++at_) {
        if (text_.substr(at_, 2) == "::")
          ++at_;
        else if (!continues_word(text_[at_]))
          break;
      }
    } else if (std::isdigit(static_cast<unsigned char>(first))) {
      token_.kind = Token::Kind::kNumber;
      while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.')) {
        const bool exponent = (text_[at_] == 'e' || text_[at_] == 'E') && text_.substr(begin, 2) != "0x" &&
                              text_.substr(begin, 2) != "0f" && text_.substr(begin, 2) != "0d";
        ++at_;
        if (exponent && at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
      }
    } else if (first == '"') {
      token_.kind = Token::Kind::kString;
      const size_t end = text_.find('"', at_);
      if (end == std::string_view::npos) throw ParseError(line_, "string without an end");
      token_.text = text_.substr(at_, end - at_);
      at_ = end + 1;
      return;
    } else {
      token_.kind = Token::Kind::kPunctuation;
    }
    token_.text = text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  Token token_;
};

}  // namespace sinter::sim::ptx
