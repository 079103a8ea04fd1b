//! Reads the imports out of one source file's syntax tree.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemMod, ItemUse, Macro, Meta, Path, UseTree, Visibility,
    visit::{self, Visit},
};

/// One source file.
pub struct Source {
    /// The module's path in the crate, `outbound::docker`; the crate's root is empty.
    pub module: String,
    /// Whether it is compiled for tests alone.
    pub in_test: bool,
    /// Its text. Unknown (empty) for a file that was only seen declared.
    pub text: String,
}

/// A path into our own crate.
#[derive(Debug)]
pub struct Import {
    /// The module that names it.
    pub from: String,
    /// The path, from the crate's root on; without the asterisk of an import of everything.
    pub to: String,
    /// Whether only tests name it.
    pub in_test: bool,
}

/// What a source file names.
#[derive(Default)]
pub struct Found {
    /// Its paths into our own crate.
    pub imports: Vec<Import>,
    /// The modules that it declares and that have files of their own.
    pub files: Vec<Source>,
}

/// Reads a source file.
pub fn read(source: &Source) -> Found {
    let file = syn::parse_file(&source.text).unwrap_or_else(|error| panic!("{}: {error}", source.module));
    let module = source.module.split("::").filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect();
    let mut reader =
        Reader { module, in_test: source.in_test, children: children(&file.items), found: Found::default() };
    reader.visit_file(&file);
    reader.found
}

struct Reader {
    /// Where the reader is, modules in braces included.
    module: Vec<String>,
    in_test: bool,
    /// The modules declared where it is: a path may begin with their names.
    children: Vec<String>,
    found: Found,
}

fn children(items: &[Item]) -> Vec<String> {
    let name = |item: &Item| match item {
        Item::Mod(module) => Some(module.ident.to_string()),
        _ => None,
    };
    items.iter().filter_map(name).collect()
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

impl Reader {
    /// Notes a path, if it leads into our own crate.
    fn note(&mut self, path: &[String]) {
        let mut rest = path.iter().map(String::as_str).peekable();
        let mut to: Vec<String> = match rest.peek() {
            Some(&"crate") => {
                rest.next();
                Vec::new()
            }
            Some(&"self") => {
                rest.next();
                self.module.clone()
            }
            Some(&"super") => self.module.clone(),
            Some(first) if self.children.iter().any(|child| child == first) => self.module.clone(),
            // Another crate's, or a name that was imported, and noted, elsewhere.
            _ => return,
        };
        for part in rest {
            match part {
                "super" => drop(to.pop()),
                "self" | "*" => {}
                name => to.push(name.to_owned()),
            }
        }
        self.found.imports.push(Import {
            from: self.module.join("::"),
            to: to.join("::"),
            in_test: self.in_test,
        });
    }

    fn note_tree(&mut self, tree: &UseTree, before: &[String]) {
        let and = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.note_tree(&path.tree, &and(path.ident.to_string())),
            UseTree::Name(name) => self.note(&and(name.ident.to_string())),
            UseTree::Rename(rename) => self.note(&and(rename.ident.to_string())),
            UseTree::Glob(_) => self.note(&and("*".to_owned())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(tree, before)),
        }
    }

    /// Notes the paths in the tokens of a macro or an attribute, which have no syntax tree.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.note(&std::mem::take(&mut path));
                    }
                    // Behind two colons with nothing before them: another crate's.
                    if colons != 2 || !path.is_empty() {
                        path.push(name.to_string());
                    }
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.note(&std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.note_tokens(group.stream());
                    }
                }
            }
        }
        self.note(&path);
    }

    /// Reads an item that may be there for tests alone.
    fn within(&mut self, attributes: &[Attribute], read: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        self.in_test |= is_for_tests(attributes);
        read(self);
        self.in_test = before;
    }
}

impl<'tree> Visit<'tree> for Reader {
    fn visit_item(&mut self, item: &'tree Item) {
        let attributes: &[Attribute] = match item {
            Item::Const(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Trait(item) => &item.attrs,
            Item::Type(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        self.within(attributes, |reader| visit::visit_item(reader, item));
    }

    fn visit_item_mod(&mut self, item: &'tree ItemMod) {
        self.module.push(item.ident.to_string());
        if let Some((_, items)) = &item.content {
            let outer = std::mem::replace(&mut self.children, children(items));
            for item in items {
                self.visit_item(item);
            }
            self.children = outer;
        } else {
            let (module, in_test) = (self.module.join("::"), self.in_test);
            self.found.files.push(Source { module, in_test, text: String::new() });
        }
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'tree ItemUse) {
        if item.leading_colon.is_none() {
            self.note_tree(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'tree Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
            self.note(&parts);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, one: &'tree Macro) {
        self.note_tokens(one.tokens.clone());
        visit::visit_macro(self, one);
    }

    fn visit_attribute(&mut self, attribute: &'tree Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.note_tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }

    fn visit_visibility(&mut self, _: &'tree Visibility) {
        // `pub(in crate::…)` lets in; it imports nothing.
    }
}
