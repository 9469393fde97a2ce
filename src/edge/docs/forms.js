(answer) => {
      if (!/\/openapi\/.*\.json$/.test(answer.url) || !answer.ok) return answer;
      const contract = JSON.parse(answer.text);
      for (const operation of Object.values(contract.paths).flatMap(Object.values)) {
        const form = operation.requestBody?.content?.["application/x-www-form-urlencoded"];
        const example = Object.values(form?.examples ?? {})[0]?.value;
        const schema = contract.components.schemas[form?.schema?.$ref?.split("/").pop()];
        if (!example || !schema) continue;
        for (const [name, member] of Object.entries(schema.properties)) member.example = example[name] ?? "";
      }
      answer.text = JSON.stringify(contract);
      return answer;
    }