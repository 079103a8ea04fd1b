console.log(process.mainModule === module, module.children.map((c) => c.id));
